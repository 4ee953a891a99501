export const MessageChannel = undefined;
export const MessagePort = undefined;
