/** Who is logged in: a cookie that cannot be guessed stands for a user. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

export class Sessions {
  readonly #users = new Map<string, string>()

  /** Begins a session; gives its cookie. */
  begin(user: string): string {
    const id = randomUUID()
    this.#users.set(id, `user:${user}`)
    return `session=${id}; HttpOnly; SameSite=Strict; Path=/`
  }

  /** Whose session a request belongs to; undefined: nobody's. */
  userOf({ headers }: IncomingMessage): string | undefined {
    const [, id = ''] = /(?:^|; )session=([^;]+)/.exec(headers.cookie ?? '') ?? []
    return this.#users.get(id)
  }
}

/** Whether a request comes from a page of this site. What is no browser has no origin. */
export function isOwnPage({ headers: { origin, host } }: IncomingMessage): boolean {
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
}

/** Who comes, as a proxy of ours says. */
export function forwardedFor({ headers }: IncomingMessage): string | undefined {
  const said = headers['x-forwarded-for']
  return typeof said === 'string' ? said.split(',').at(-1)?.trim() : undefined
}
