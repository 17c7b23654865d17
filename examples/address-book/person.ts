/** A person: a key in a file, an address book in another, and a manager that lets in only who is in the book. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { type Connection, ConnectionManager } from 'qudag-connections'
import { createIdentity, type Identity, loadIdentity, saveIdentity, tls } from 'qudag-connections/transports/tls'
import { AddressBook } from './book.ts'

/** What one says to the other. */
interface Words {
  readonly text?: string
  /** The id that whoever says it will have from now on. */
  readonly nextId?: string
}

export class Person {
  readonly name: string
  readonly book: AddressBook
  readonly identity: Identity
  readonly manager: ConnectionManager

  /** @param folder where the key and the book are */
  static async open(name: string, folder: string, keyFile = `${name}.pem`): Promise<Person> {
    const file = join(folder, keyFile)
    const isThere = await access(file).then(
      () => true,
      () => false,
    )
    // A key is made once, and never written over.
    if (!isThere) await saveIdentity(file, createIdentity())
    return new Person(name, await loadIdentity(file), await AddressBook.open(join(folder, `${name}.json`)))
  }

  private constructor(name: string, identity: Identity, book: AddressBook) {
    this.name = name
    this.identity = identity
    this.book = book
    this.manager = new ConnectionManager(100, {
      // Asked of everybody who has proven an id, whether we dialled or they came.
      transport: tls({ identity, allow: (id) => book.nameOf(id) !== undefined }),
      resolve: book.addressOf,
      breaker: false,
    })
    this.manager.messages$.subscribe(({ peerId, data }) => void this.#hear(peerId, JSON.parse(new TextDecoder().decode(data)) as Words))
  }

  get id(): string {
    return this.identity.peerId
  }

  /** Waits for others at an address; gives it with the port that was free. */
  async listen(address = 'tls://127.0.0.1:0'): Promise<string> {
    return (await this.manager.listen(address)).address.href
  }

  /** A link to somebody in the book, who has proven to be that. */
  async call(name: string): Promise<Connection> {
    const id = this.book.idOf(name)
    if (id === undefined) throw new Error(`${this.name} knows no ${name}`)
    return this.manager.connect(id)
  }

  /** Says something to whoever is connected. */
  say(words: Words): void {
    for (const { peerId, status } of this.manager.peers()) {
      if (status === 'Connected') this.manager.get(peerId)?.send(new TextEncoder().encode(JSON.stringify(words)))
    }
  }

  async close(): Promise<void> {
    await this.manager.shutdown()
  }

  /** The link has proven whose words these are: only Ben can say which id Ben will have. */
  async #hear(peerId: string, { text, nextId }: Words): Promise<void> {
    const from = this.book.nameOf(peerId)
    if (from === undefined) return
    if (text !== undefined) console.log(`${this.name} hears ${from}: ${text}`)
    if (nextId === undefined) return
    await this.book.add(from, nextId)
    console.log(`${this.name} notes the next id of ${from}`)
    this.say({ text: 'noted' })
  }
}
