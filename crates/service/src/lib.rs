//! What the daemons of Magnetiq share: the log, the signals that end them, the token of operators, the port that they have for those, the
//! answers of commands, and the report of what went wrong.
//!
//! It takes plain values and knows nothing of the settings, so that each daemon decides what it passes on.

mod exit;
mod log_file;
mod logging;
mod operator;
pub mod port;
mod print;
mod recent_lines;
mod signals;

pub use exit::{ResultExt, chain, report};
pub use log_file::LogFile;
pub use logging::{LogFormat, LogGuard, LogOptions, init_logging};
pub use operator::{OperatorToken, is_meant_for_this_machine};
pub use print::print;
pub use recent_lines::RecentLines;
pub use signals::Signals;
