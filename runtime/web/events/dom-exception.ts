// `DOMException` of Web IDL. It inherits from Error.prototype without being made by Error, and so that `stack` begins
// with its own name and message, the stack is captured once these are known.
import { defineInterface } from '../fetch/interface.ts';
import { defineConstant, dropStatics } from '../lazy.ts';
import {
  Error,
  EvalError,
  ObjectSetPrototypeOf,
  RangeError,
  ReferenceError,
  String,
  StringPrototypeSplit,
  SyntaxError,
  TypeError,
  URIError,
} from '../primordials.ts';

const { captureStackTrace } = Error as unknown as { captureStackTrace(target: object, above: unknown): void };

/** Name, and name of the constant. The place is the legacy code. */
const LEGACY =
  'IndexSize,,HierarchyRequest,WrongDocument,InvalidCharacter,,NoModificationAllowed,NotFound,NotSupported,' +
  'InUseAttribute,InvalidState,Syntax,InvalidModification,Namespace,InvalidAccess,,TypeMismatch,Security,Network,' +
  'Abort,URLMismatch,QuotaExceeded,Timeout,InvalidNodeType,DataClone';
const CONSTANTS =
  'INDEX_SIZE,DOMSTRING_SIZE,HIERARCHY_REQUEST,WRONG_DOCUMENT,INVALID_CHARACTER,NO_DATA_ALLOWED,' +
  'NO_MODIFICATION_ALLOWED,NOT_FOUND,NOT_SUPPORTED,INUSE_ATTRIBUTE,INVALID_STATE,SYNTAX,INVALID_MODIFICATION,' +
  'NAMESPACE,INVALID_ACCESS,VALIDATION,TYPE_MISMATCH,SECURITY,NETWORK,ABORT,URL_MISMATCH,QUOTA_EXCEEDED,TIMEOUT,' +
  'INVALID_NODE_TYPE,DATA_CLONE';
const codes: Record<string, number> = { __proto__: null } as never;

export class DOMException {
  readonly #name: string;
  readonly #message: string;

  constructor(message: unknown = '', name: unknown = 'Error') {
    this.#message = String(message);
    this.#name = String(name);
    captureStackTrace(this, DOMException);
  }

  get name(): string {
    return this.#name;
  }

  get message(): string {
    return this.#message;
  }

  get code(): number {
    return codes[this.#name] ?? 0;
  }

  /** Is it one of ours? By brand, not by prototype. */
  static isOne(value: unknown): value is DOMException {
    return typeof value === 'object' && value !== null && #name in value;
  }
}

/** By brand, not by prototype. */
export const isDomException = DOMException.isOne;
dropStatics(DOMException, ['isOne']);
setUp();

function setUp(): void {
  const names = StringPrototypeSplit(LEGACY, ',');
  const constants = StringPrototypeSplit(CONSTANTS, ',');
  for (let i = 0; i < constants.length; i++) {
    if (names[i] !== '') codes[`${names[i]}Error`] = i + 1;
    defineConstant(DOMException, `${constants[i]}_ERR`, i + 1, 'enumerable');
    defineConstant(DOMException.prototype, `${constants[i]}_ERR`, i + 1, 'enumerable');
  }
  ObjectSetPrototypeOf(DOMException.prototype, Error.prototype);
  defineInterface(DOMException, 'DOMException');
}

/** The error that the host means by a name: a builtin one, else a DOMException of that name (`AbortError` …). */
export function errorFrom(name: string, message: string): object {
  switch (name) {
    case 'Error':
      return new Error(message);
    case 'TypeError':
      return new TypeError(message);
    case 'RangeError':
      return new RangeError(message);
    case 'SyntaxError':
      return new SyntaxError(message);
    case 'ReferenceError':
      return new ReferenceError(message);
    case 'EvalError':
      return new EvalError(message);
    case 'URIError':
      return new URIError(message);
    default:
      return new DOMException(message, name);
  }
}
