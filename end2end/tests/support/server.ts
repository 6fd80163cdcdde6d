import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const binary = process.env.HEARTH_BINARY ?? resolve(here, "../../../target/debug/hearth");

/** The admin of a server that was started with one. */
export const admin = { username: "ada", email: "ada@example.com", password: "correct horse battery staple" };

export interface Options {
  /** Import the sample templates and fill their pools. */
  demo?: boolean;
  /** Start with the admin, so that no set-up is needed. */
  admin?: boolean;
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
    const parameters = ["serve", "--data-dir", data, "--listen", "127.0.0.1:0", ...(options.arguments ?? [])];
    if (options.demo) parameters.push("--demo");
    const env = { ...process.env };
    if (options.admin || options.demo) {
      env.HEARTH_ADMIN_USERNAME = admin.username;
      env.HEARTH_ADMIN_EMAIL = admin.email;
      env.HEARTH_ADMIN_PASSWORD = admin.password;
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
