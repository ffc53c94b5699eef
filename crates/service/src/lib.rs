//! What the daemons of Magnetiq share: the log, the signals that end them, and the report of what went wrong.
//!
//! It takes plain values and knows nothing of the settings, so that each daemon decides what it passes on.

mod exit;
mod log_file;
mod logging;
mod signals;

pub use exit::{ResultExt, report};
pub use log_file::LogFile;
pub use logging::{LogFormat, LogGuard, LogOptions, init_logging};
pub use signals::Signals;
