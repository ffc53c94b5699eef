use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::{Common, finish};

#[derive(Args)]
pub(crate) struct Storage {
    #[command(flatten)]
    common: Common,
}

impl Storage {
    pub(crate) fn run(self) -> Result<ExitCode> {
        finish(self.common.command("storage")?)
    }
}
