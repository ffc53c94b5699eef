//! What an SMTP server answers (RFC 5321, 4.2).

use std::io::{self, Read};

/// RFC 5321 allows 512 bytes in a line; some servers send more.
const LINE_MAX_BYTES: usize = 2048;

/// Servers list a dozen extensions.
const LINES_MAX: usize = 100;

/// One answer of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    /// The code, 200 to 599.
    pub(crate) code: u16,
    /// The texts of its lines, without the code.
    pub(crate) lines: Vec<String>,
}

impl Reply {
    /// Reads one answer, byte by byte: nothing after it is taken.
    ///
    /// # Errors
    ///
    /// What reading met; the end of the connection is `UnexpectedEof`, and what is no answer of SMTP is `InvalidData`.
    pub(crate) fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut lines = Vec::new();
        let mut first = None;
        while lines.len() < LINES_MAX {
            let line = line(from)?;
            let (code, is_last, text) =
                parse(&line).ok_or_else(|| invalid(format!("this is no answer of SMTP: {:?}", shortened(&line))))?;
            if *first.get_or_insert(code) != code {
                return Err(invalid(format!("the answer has two codes: {}", shortened(&line))));
            }
            lines.push(text.to_owned());
            if is_last {
                return Ok(Self { code, lines });
            }
        }
        Err(invalid(format!("the answer has more than {LINES_MAX} lines")))
    }

    /// Whether the server agreed.
    pub(crate) fn is_positive(&self) -> bool {
        (200..400).contains(&self.code)
    }

    /// Whether an EHLO was answered with this extension.
    pub(crate) fn offers(&self, extension: &str) -> bool {
        self.lines.iter().skip(1).any(|line| line.split(' ').next().is_some_and(|word| word.eq_ignore_ascii_case(extension)))
    }

    /// The answer on one line, for people.
    pub(crate) fn told(&self) -> String {
        format!("{} {}", self.code, shortened(&self.lines.join(" ")))
    }
}

/// The code, whether it is the last line, and the text of a line such as `250-SIZE 1000`.
fn parse(line: &str) -> Option<(u16, bool, &str)> {
    let (code, rest) = line.split_at_checked(3)?;
    let code = code.bytes().all(|byte| byte.is_ascii_digit()).then(|| code.parse().ok())?.filter(|code| (200..600).contains(code))?;
    match rest.as_bytes().first() {
        None => Some((code, true, "")),
        Some(b' ') => Some((code, true, &rest[1..])),
        Some(b'-') => Some((code, false, &rest[1..])),
        Some(_) => None,
    }
}

fn line(from: &mut impl Read) -> io::Result<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    loop {
        from.read_exact(&mut byte)?;
        match byte[0] {
            b'\n' => break,
            _ if line.len() == LINE_MAX_BYTES => return Err(invalid(format!("a line has more than {LINE_MAX_BYTES} bytes"))),
            byte => line.push(byte),
        }
    }
    // What is no UTF-8 is shown as such; nothing depends on the text.
    Ok(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned())
}

fn shortened(text: &str) -> String {
    text.chars().filter(|char| !char.is_control()).take(120).collect()
}

fn invalid(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(sent: &str, expected: Result<(u16, &[&str]), &str>) {
        let read = Reply::read(&mut sent.as_bytes()).map_err(|error| error.to_string());
        let read = read.as_ref().map(|reply| (reply.code, reply.lines.iter().map(String::as_str).collect::<Vec<_>>()));
        assert_eq!(read.as_ref().map(|(code, lines)| (*code, lines.as_slice())).map_err(|error| error.as_str()), expected, "{sent:?}");
    }

    #[test]
    fn answers() {
        check("220 mail.example ESMTP\r\n", Ok((220, &["mail.example ESMTP"])));
        check("250\r\n", Ok((250, &[""])));
        check("250 ok\nrest", Ok((250, &["ok"])));
        check("250-mail\r\n250-SIZE 1000\r\n250 starttls\r\n", Ok((250, &["mail", "SIZE 1000", "starttls"])));
        check("", Err("failed to fill whole buffer"));
        check("250-mail\r\n", Err("failed to fill whole buffer"));
        check("HTTP/1.1 400 Bad Request\r\n", Err("this is no answer of SMTP: \"HTTP/1.1 400 Bad Request\""));
        check("2x0 ok\r\n", Err("this is no answer of SMTP: \"2x0 ok\""));
        check("999 ok\r\n", Err("this is no answer of SMTP: \"999 ok\""));
        check("25é\r\n", Err("this is no answer of SMTP: \"25é\""));
        check("250-a\r\n251 b\r\n", Err("the answer has two codes: 251 b"));
        check(&"250-a\r\n".repeat(101), Err("the answer has more than 100 lines"));
        check(&"2".repeat(5000), Err("a line has more than 2048 bytes"));
    }

    #[test]
    fn extensions_are_words() {
        let reply = Reply::read(&mut "250-STARTTLS.example\r\n250-XSTARTTLS\r\n250-starttls\r\n250 SIZE 10\r\n".as_bytes()).unwrap();
        assert!(reply.offers("STARTTLS") && reply.offers("SIZE") && !reply.offers("STARTTLS.example") && !reply.offers("10"));
    }

    proptest! {
        #[test]
        fn whatever_is_sent_ends(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = Reply::read(&mut bytes.as_slice());
        }
    }
}
