export interface ApiResponse<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** The fields of a job that tests use. Declared here so that tests do not share types with the service. */
export interface JobBody extends Record<string, unknown> {
  readonly job_id: string;
  readonly status: string;
  readonly verdict: string | null;
  readonly attempt: number;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly stdout: string | null;
  readonly stderr: string | null;
  readonly stdout_bytes: number | null;
  readonly stderr_bytes: number | null;
  readonly stdout_truncated: boolean;
  readonly stderr_truncated: boolean;
  readonly compile: {
    readonly exit_code: number | null;
    readonly stdout: string;
    readonly stderr: string;
  } | null;
  readonly resource: Readonly<Record<string, number | string>> | null;
  readonly error_message: string | null;
  readonly logs_url: string | null;
}

export interface ProblemBody extends Record<string, unknown> {
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
  readonly current_status?: string;
}

export class Api {
  private requests = 0;

  /** @param others other gateways of the same service: requests go to all in turn */
  constructor(
    readonly url: string,
    private readonly others: readonly string[] = [],
  ) {}

  async request<T = Record<string, unknown>>(
    method: string,
    path: string,
    init: RequestInit = {},
  ): Promise<ApiResponse<T>> {
    const response = await fetch(this.nextUrl() + path, { method, ...init });
    const text = await response.text();
    const isJson =
      /\bjson\b/.test(response.headers.get('content-type') ?? '') &&
      !/ndjson/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : text) as T,
    };
  }

  get<T = Record<string, unknown>>(
    path: string,
    headers: Record<string, string> = {},
  ): Promise<ApiResponse<T>> {
    return this.request<T>('GET', path, { headers });
  }

  post<T = Record<string, unknown>>(path: string, body?: unknown): Promise<ApiResponse<T>> {
    if (body === undefined) return this.request<T>('POST', path);
    return this.request<T>('POST', path, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  /** Uploads code. @returns the id of the job */
  async upload(language: string, code: string, more: object = {}): Promise<string> {
    const response = await this.post<{ job_id: string }>('/api/upload', { language, code, ...more });
    if (response.status !== 201) throw new Error(`Upload failed: ${JSON.stringify(response.body)}`);
    return response.body.job_id;
  }

  async execute(jobId: string, body?: object): Promise<JobBody> {
    const response = await this.post<JobBody>(`/api/execute/${jobId}`, body);
    if (response.status !== 200) throw new Error(`Execution failed: ${JSON.stringify(response.body)}`);
    return response.body;
  }

  /** Uploads and executes. */
  async run(language: string, code: string, body?: object): Promise<JobBody> {
    return this.execute(await this.upload(language, code), body);
  }

  async status(jobId: string): Promise<JobBody> {
    return (await this.get<JobBody>(`/api/status/${jobId}`)).body;
  }

  /** Polls until the job has the status. */
  async waitForStatus(jobId: string, status: string): Promise<JobBody> {
    for (;;) {
      const job = await this.status(jobId);
      if (job.status === status) return job;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  private nextUrl(): string {
    const urls = [this.url, ...this.others];
    this.requests += 1;
    return urls[(this.requests - 1) % urls.length] ?? this.url;
  }
}
