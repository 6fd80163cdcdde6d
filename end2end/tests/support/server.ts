import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const binary = process.env.HEARTH_BINARY ?? resolve(here, "../../../target/debug/hearth");

/** The admin of a server that was started with one. */
export const admin = { username: "ada", email: "ada@example.com", password: "correct horse battery staple" };

/** Everybody else's on a seeded server. */
export const password = "a staple of correct horses";

/** The instant at which a seeded server stands: a Tuesday, 13:04 in Berlin. */
export const now = "2026-11-24T12:04:31Z";

export interface Options {
  /** Import the sample templates and fill their pools. */
  demo?: boolean;
  /** Start with the admin, so that no set-up is needed. */
  admin?: boolean;
  /** Play the scene into the database first, and let the server stand still at its end. */
  seed?: boolean;
  arguments?: string[];
}

/** A real server with a data folder of its own. */
export class Hearth {
  readonly url: string;
  /** What the server printed on its console, for a failed test. */
  readonly console: string[];
  private constructor(
    private readonly process: ChildProcess,
    private readonly data: string,
    url: string,
    console: string[],
  ) {
    this.url = url;
    this.console = console;
  }

  /** Resolves when the server says that it is ready. */
  static async start(options: Options = {}): Promise<Hearth> {
    const data = mkdtempSync(join(tmpdir(), "hearth-e2e-"));
    const port = options.seed ? await freePort() : 0;
    const place = ["--data-dir", data, "--listen", `127.0.0.1:${port}`, ...(options.arguments ?? [])];
    const parameters = ["serve", ...place];
    if (options.demo) parameters.push("--demo");
    const env = { ...process.env };
    if (options.admin || options.demo || options.seed) {
      env.HEARTH_ADMIN_USERNAME = admin.username;
      env.HEARTH_ADMIN_EMAIL = admin.email;
      env.HEARTH_ADMIN_PASSWORD = admin.password;
    }
    if (options.seed) {
      execFileSync(binary, ["seed", ...place], { env });
      parameters.push("--test-now", now);
    }
    const server = spawn(binary, parameters, { env, stdio: ["ignore", "pipe", "pipe"] });
    const console: string[] = [];
    const url = await new Promise<string>((ready, failed) => {
      const late = setTimeout(() => failed(new Error(`no server after 60 s:\n${console.join("")}`)), 60_000);
      const read = (chunk: Buffer) => {
        console.push(chunk.toString());
        const url = /^Hearth is ready at (\S+)$/m.exec(console.join(""))?.[1];
        if (url) {
          clearTimeout(late);
          ready(url);
        }
      };
      server.stdout.on("data", read);
      server.stderr.on("data", read);
      server.once("error", failed);
      server.once("exit", (code) => failed(new Error(`the server ended (${code}):\n${console.join("")}`)));
    });
    return new Hearth(server, data, url, console);
  }

  /** The one-time code for /setup. */
  get setupCode(): string {
    const code = /enter this code: (\S+)/.exec(this.console.join(""))?.[1];
    if (!code) throw new Error(`no set-up code on the console:\n${this.console.join("")}`);
    return code;
  }

  /** Moves the clock of a seeded server forward. */
  async advance(seconds: number): Promise<void> {
    await this.ask("clock", { advance_seconds: seconds });
  }

  /** Lets the reconciler of a seeded server look at every pool once. */
  async tick(): Promise<void> {
    await this.ask("tick");
  }

  /** Ends every job that waits or runs on a seeded server; agents get ready. */
  async work(): Promise<void> {
    await this.ask("work");
  }

  /** Lets the log of a workspace's newest build grow. */
  async say(workspace: string, lines: string[]): Promise<void> {
    await this.ask("log", { workspace, lines });
  }

  private async ask(what: string, body?: object): Promise<void> {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${this.url}/testkit/${what}`, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
  }

  /** Stops the server, then ends the agents of its workspaces: without a server they would try again forever. */
  async stop(): Promise<void> {
    if (this.process.exitCode === null) {
      const ended = new Promise((resolve) => this.process.once("exit", resolve));
      const late = setTimeout(() => this.process.kill("SIGKILL"), 15_000);
      this.process.kill("SIGTERM");
      await ended;
      clearTimeout(late);
    }
    for (const { pid, folder } of agentsOf(this.url)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has just ended by itself.
      }
      if (folder.startsWith("/tmp/hearth-workspaces/")) rmSync(folder, { recursive: true, force: true });
    }
    rmSync(this.data, { recursive: true, force: true });
  }
}

/** Links in notifications name the port, so the scene must know it before the server has it. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Processes that were started for a workspace of this server: its address is in their environment. */
function agentsOf(url: string): { pid: number; folder: string }[] {
  const found = [];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
      if (environment.some((entry) => entry === `CODER_AGENT_URL=${url}` || entry === `CODER_AGENT_URL=${url}/`)) {
        const folder = environment.find((entry) => entry.startsWith("HOME="))?.slice("HOME=".length);
        found.push({ pid: Number(pid), folder: folder ?? readlinkSync(`/proc/${pid}/cwd`) });
      }
    } catch {
      // Not ours to read, or gone.
    }
  }
  return found;
}
