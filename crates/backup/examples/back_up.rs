//! Backs up a database that another program may have open, proves the backup, and removes what is not kept.
//!
//! `cargo run --release --example back_up -- SITE.sqlite3 BACKUP-FOLDER [MEDIA-FOLDER]`

use std::error::Error;
use std::io::Write;
use std::time::Instant;

use magnetiq_backup::{Backups, Clock, Depth, MediaMode, Options, Outcome, Progress, Reason, Request};

/// Tells of each step when it is done.
fn each_step(at: Progress) {
    if at.done_bytes == at.total_bytes && !at.elapsed.is_zero() {
        let _ = writeln!(std::io::stderr(), "{}: {:.1?}, {:.0} MB/s", at.step, at.elapsed, at.rate() / 1e6);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(database), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: back_up SITE.sqlite3 BACKUP-FOLDER [MEDIA-FOLDER]".into());
    };
    let mut options = Options::new(folder).database(database).name("site");
    if let Some(media) = arguments.next() {
        options = options.media(media, MediaMode::Linked);
    }
    let backups = Backups::new(options)?;

    let mut out = std::io::stdout().lock();
    let started = Instant::now();
    let entry = backups.create(&Request::new(Reason::Manual), &mut each_step)?;
    writeln!(out, "{}: {} bytes in {:.1?}", entry.path.display(), entry.size_bytes(), started.elapsed())?;

    let proof = backups.verify(&entry, Depth::Restore, &mut each_step)?;
    writeln!(out, "{:?} in {} ms", proof.outcome, proof.duration_ms)?;
    if proof.outcome != Outcome::Proven {
        return Err(proof.problem.unwrap_or_default().into());
    }

    let pruned = backups.prune(&backups.plan_prune(Clock::system().now())?)?;
    writeln!(out, "{} old backups removed", pruned.removed.len())?;
    Ok(())
}
