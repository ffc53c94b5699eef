use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::fmt::writer::{BoxMakeWriter, MakeWriterExt};

use crate::log_file::{LogFile, RotatingFile};
use crate::recent_lines::RecentLines;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people; coloured when standard error is a terminal.
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

/// What is logged, and how.
#[derive(Debug, Clone)]
pub struct LogOptions {
    /// How lines look.
    pub format: LogFormat,
    /// Filter directives: `info`, or `info,magnetiq_storage=debug`.
    pub level: String,
    /// A file instead of standard error.
    pub file: Option<LogFile>,
    /// Keeps the last lines in memory besides.
    pub recent: Option<RecentLines>,
}

impl LogOptions {
    /// Those of a daemon: into `<program>.log` in the folder, to standard error where there is none. The last lines are not kept.
    pub fn of_daemon(program: &str, is_json: bool, level: &str, folder: Option<&Path>, limit_bytes: u64, keep: usize) -> Self {
        Self {
            format: if is_json { LogFormat::Json } else { LogFormat::Text },
            level: level.to_owned(),
            file: folder.map(|folder| LogFile { path: folder.join(format!("{program}.log")), limit_bytes, keep }),
            recent: None,
        }
    }
}

/// Lives as long as the program logs: lines for a file that wait are written when it is dropped.
#[derive(Debug)]
#[must_use = "the last lines are written when it is dropped"]
pub struct LogGuard {
    _file: Option<WorkerGuard>,
}

/// Sends what the program logs to standard error or to a file, from now on. Standard output stays free for data.
///
/// A file is written by a thread of its own. Where the disk is so slow that 16,384 lines wait, further ones are dropped: a log must
/// not hold up the site.
///
/// # Errors
///
/// When the level is no filter, when the file cannot be opened, or when logging was set up before.
pub fn init_logging(options: &LogOptions) -> anyhow::Result<LogGuard> {
    let filter = EnvFilter::try_new(&options.level).with_context(|| format!("read the log level {:?}", options.level))?;
    let (writer, guard) = match &options.file {
        None => (BoxMakeWriter::new(io::stderr), None),
        Some(file) => {
            let (lines, guard) = background(file.clone()).with_context(|| format!("open the log file {}", file.path.display()))?;
            (BoxMakeWriter::new(lines), Some(guard))
        }
    };
    let writer = match options.recent.clone() {
        Some(recent) => BoxMakeWriter::new(writer.and(recent)),
        None => writer,
    };
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_timer(Utc).with_writer(writer);
    let set_up = match options.format {
        LogFormat::Text => lines.with_ansi(options.file.is_none() && is_coloured()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    set_up.map_err(anyhow::Error::from_boxed).context("set up the log")?;
    Ok(LogGuard { _file: guard })
}

/// To the microsecond, as the log's own does it, in half of its time.
struct Utc;

impl FormatTime for Utc {
    fn format_time(&self, line: &mut format::Writer<'_>) -> fmt::Result {
        write!(line, "{:.6}", now())
    }
}

/// Whether standard error shows colours, and nobody asked for none: <https://no-color.org>.
fn is_coloured() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|wish| wish.is_empty())
}

/// Lines that wait for the disk; those that find no room are lost, so that who logs never waits. A fifth of a second at 80,000 lines a second, which
/// is what a busy server writes, and some megabytes at most.
const LINES_WAITING: usize = 16 << 10;

/// How long the thread of the file looks away after it has written: whoever logs meanwhile does not wake it, which costs as much as the line itself.
const PAUSE: Duration = Duration::from_millis(5);

/// Lines go to the file at once where there are few, and together where there are many.
struct Unhurried(RotatingFile);

impl Write for Unhurried {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write(line)
    }

    /// Called when no line waits.
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()?;
        std::thread::sleep(PAUSE);
        Ok(())
    }
}

fn background(file: LogFile) -> io::Result<(NonBlocking, WorkerGuard)> {
    let file = Unhurried(RotatingFile::open(file, now)?);
    Ok(NonBlockingBuilder::default().thread_name("log").buffered_lines_limit(LINES_WAITING).finish(file))
}

#[expect(
    clippy::disallowed_methods,
    reason = "lines and files of a log have the time of the machine; a file itself takes the clock as a value"
)]
fn now() -> Timestamp {
    Timestamp::now()
}
