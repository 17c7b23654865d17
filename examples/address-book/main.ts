/** An address book of ids: `npm run example address-book`. Two who know each other, one whom nobody knows, and a key that is rotated. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConnectionError } from 'qudag-connections'
import { Person } from './person.ts'

const folder = await mkdtemp(join(tmpdir(), 'address-book-'))
try {
  const ann = await Person.open('Ann', folder)
  let ben = await Person.open('Ben', folder)
  const mallory = await Person.open('Mallory', folder)

  // Ids are given on another way, as telephone numbers are: on paper, by word of mouth, by a link in a mail that is trusted.
  const address = await ben.listen()
  await ann.book.add('Ben', ben.id, address)
  await ben.book.add('Ann', ann.id)
  await mallory.book.add('Ben', ben.id, address)

  const { security } = await ann.call('Ben')
  console.log(`Ann reaches Ben: ${security?.protocol}, proven by ${security?.identity}`)
  await mallory.call('Ben').catch((error: unknown) => console.log(`Mallory does not: ${why(error)}`))

  // Ben rotates his key. First he makes the next one and says its id, on a link that the present one has proven.
  const next = await Person.open('Ben', folder, 'Ben-next.pem')
  const noted = heard(ben)
  ben.say({ nextId: next.id })
  await noted
  // Then he listens by the next one. Whoever has noted it finds him; for a while the old id is still in their books.
  const old = ben
  await old.close()
  ben = next
  await ben.listen(address)
  await ann.call('Ben')
  console.log(`Ann reaches Ben by his next id: ${ben.manager.status(ann.id)}`)

  // The old key is worth nothing once its id is out of the books: a thief of it is not let in.
  await ann.book.remove(old.id)
  await ann.book.add('Ann', ann.id, await ann.listen())
  const thief = await Person.open('Ben', folder)
  await thief.book.add('Ann', ann.id, ann.book.addressOf(ann.id) as string)
  await thief.call('Ann').catch((error: unknown) => console.log(`Who has the old key does not reach Ann: ${why(error)}`))

  await Promise.all([ann, ben, mallory, thief].map((person) => person.close()))
} finally {
  await rm(folder, { recursive: true })
}

/** Resolves with the next message that somebody gets. */
function heard(person: Person): Promise<void> {
  return new Promise((resolve) => person.manager.messages$.subscribe(() => resolve()))
}

function why(error: unknown): string {
  return error instanceof ConnectionError ? `${error.code} (${error.reason})` : String(error)
}
