/** An address book: whom we know, by which ids, and where each is. It is what says that an id belongs to somebody: no authority does. */
import { readFile, rename, writeFile } from 'node:fs/promises'

/** Somebody in the book. More than one id: while a key is being rotated. */
interface Entry {
  readonly ids: readonly string[]
  readonly address?: string
}

/** How an id looks: 52 characters of base32. */
const ID = /^[a-z2-7]{52}$/

/** A book in a file. */
export class AddressBook {
  readonly #file: string
  readonly #entries: Map<string, Entry>

  private constructor(file: string, entries: Map<string, Entry>) {
    this.#file = file
    this.#entries = entries
  }

  /** Opens the book of a file; an empty one where there is none. */
  static async open(file: string): Promise<AddressBook> {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '{}'
      throw error
    })
    return new AddressBook(file, new Map(Object.entries(JSON.parse(text) as Record<string, Entry>)))
  }

  /** Whose id it is; undefined: nobody's whom we know. For the option `allow`, and for what a person reads. */
  readonly nameOf = (id: string): string | undefined => {
    for (const [name, { ids }] of this.#entries) if (ids.includes(id)) return name
    return undefined
  }

  /** Where an id is reached. For the option `resolve`: whoever answers there must prove that id. */
  readonly addressOf = (id: string): string | readonly string[] => this.#entries.get(this.nameOf(id) ?? '')?.address ?? []

  /** The newest id of somebody: the one to connect to. */
  idOf(name: string): string | undefined {
    return this.#entries.get(name)?.ids.at(-1)
  }

  /** Notes an id of somebody, beside those known already. */
  async add(name: string, id: string, address = this.#entries.get(name)?.address): Promise<void> {
    if (!ID.test(id)) throw new TypeError(`an id is 52 characters of base32, got ${id.length} characters`)
    const ids = this.#entries.get(name)?.ids ?? []
    this.#entries.set(name, { ids: [...ids.filter((known) => known !== id), id], ...(address === undefined ? {} : { address }) })
    await this.#save()
  }

  /** Takes an id out: nobody is let in by it any more. */
  async remove(id: string): Promise<void> {
    const name = this.nameOf(id)
    const entry = name === undefined ? undefined : this.#entries.get(name)
    if (name === undefined || entry === undefined) return
    this.#entries.set(name, { ...entry, ids: entry.ids.filter((known) => known !== id) })
    await this.#save()
  }

  /** Another file takes its place in one step: half a book would lock people out. */
  async #save(): Promise<void> {
    const text = JSON.stringify(Object.fromEntries(this.#entries), undefined, 2)
    await writeFile(`${this.#file}.new`, text, { mode: 0o600 })
    await rename(`${this.#file}.new`, this.#file)
  }
}
