"""What the SMTP server of the tests does with letters: aiosmtpd -c letters.Letters FOLDER

Each letter becomes a file, and each time that one for later@ is refused for now. Other addresses are special, too: gone@ is refused for good; for slow@ the
server takes longer than anybody should wait. Over TLS, the user "site" may sign in with the password "open sesame".
"""

import asyncio
import base64
import itertools
import os
import time

from aiosmtpd.smtp import AuthResult


class Letters:
    def __init__(self, folder):
        self.folder = folder
        self.numbers = itertools.count()

    @classmethod
    def from_cli(cls, parser, *arguments):
        if len(arguments) != 1:
            parser.error("name the folder of the letters")
        return cls(arguments[0])

    async def auth_PLAIN(self, server, args):
        return AuthResult(success=base64.b64decode(args[1]) == b"\0site\0open sesame", handled=False)

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address.startswith("gone"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("later"):
            open(os.path.join(self.folder, f"{time.time_ns():020}.later"), "x").close()
            return "451 4.2.1 come back later"
        if address.startswith("slow"):
            await asyncio.sleep(600)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        name = f"{time.time_ns():020}-{next(self.numbers):06}.eml"
        partial = os.path.join(self.folder, f".{name}")
        with open(partial, "wb") as file:
            file.write(envelope.original_content)
        # A letter is whole or not there.
        os.rename(partial, os.path.join(self.folder, name))
        # The moment in which a sender that dies does not know that its letter was taken.
        await asyncio.sleep(0.02)
        return "250 OK"
