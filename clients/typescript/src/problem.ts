// Every refusal of the API as one error.
// Invariant: whoever catches it finds the stable `code`, whatever stood between us and the API.

import type { Problem as Fields, ProblemEntry } from "./schema.js";

/** RFC 9457, thrown. `code` is stable and meant for programs; docs/errors.md lists them all. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
  /** The fields that could not be accepted; `pointer` is RFC 6901. */
  readonly errors: ProblemEntry[];
  /** The whole document, with what only some problems carry. */
  readonly document: Readonly<Record<string, unknown>>;

  constructor(status: number, document: Partial<Fields> & Record<string, unknown>) {
    const code = document.code ?? "no_problem_document";
    super(`${status} ${code}: ${document.detail ?? ""}`);
    this.status = status;
    this.code = code;
    this.detail = document.detail ?? "";
    this.requestId = document.request_id ?? "";
    this.errors = document.errors ?? [];
    this.document = document;
  }

  /** Read an answer of 4xx or 5xx; a proxy's page, which is no problem document, keeps its status. */
  static async of(response: Response): Promise<Problem> {
    const isJson = /[/+]json\b/.test(response.headers.get("Content-Type") ?? "");
    return new Problem(response.status, isJson ? ((await response.json()) as Partial<Fields>) : {});
  }

  /** Whether the same request may well be answered in a moment. */
  get passes(): boolean {
    return this.status === 429 || this.status >= 500;
  }
}
