//! What a person sees on the terminal. A terminal that went away is no reason to panic, so failures to write are ignored.

use std::io::{self, Write};

use owo_colors::{AnsiColors, OwoColorize, Stream};

/// Who says a line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Label {
    name: &'static str,
    colour: AnsiColors,
}

/// Cargo, in the background.
pub(crate) const RUST: Label = Label { name: "rust", colour: AnsiColors::Yellow };
/// The API server and its commands.
pub(crate) const API: Label = Label { name: "api", colour: AnsiColors::Cyan };
/// Vite and npm.
pub(crate) const WEB: Label = Label { name: "web", colour: AnsiColors::Magenta };
/// This program.
pub(crate) const DEV: Label = Label { name: "dev", colour: AnsiColors::Green };

impl Label {
    /// Prints a line as said by this one: `api │ listening`.
    pub(crate) fn say(self, line: &str) {
        let name = format!("{:>4}", self.name);
        let mut out = io::stdout().lock();
        let _ = writeln!(out, "{} │ {line}", name.if_supports_color(Stream::Stdout, |name| name.color(self.colour)));
    }
}

/// Prints a line as it is.
pub(crate) fn plain(line: &str) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Prints a title or a value that should be found at a glance.
pub(crate) fn bold(text: &str) -> String {
    text.if_supports_color(Stream::Stdout, |text| text.bold()).to_string()
}

/// `text` in a colour, where there are colours.
pub(crate) fn coloured(text: &str, colour: AnsiColors) -> String {
    text.if_supports_color(Stream::Stdout, |text| text.color(colour)).to_string()
}

/// Whether the children of this program should colour what they say.
pub(crate) fn has_colour() -> bool {
    bold("x") != "x"
}

/// Prints an error with its causes.
pub(crate) fn error(error: &anyhow::Error) {
    let mut err = io::stderr().lock();
    let title = "error:".if_supports_color(Stream::Stderr, |title| title.color(AnsiColors::Red)).to_string();
    let _ = writeln!(err, "{title} {error}");
    for cause in error.chain().skip(1) {
        let _ = writeln!(err, "  because: {cause}");
    }
}
