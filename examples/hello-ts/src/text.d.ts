// Text files are modules whose default export is their content.
declare module '*.txt' {
  const text: string;
  export default text;
}
