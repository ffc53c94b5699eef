use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::{Common, build, finish};

#[derive(Args)]
pub(crate) struct Health {
    #[command(flatten)]
    common: Common,
}

impl Health {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let built = |package: &str| build(&["build", "--release", "--package", package], r#""kind":["bin"]"#);
        let (server, healthd) = (built("api-server")?, built("healthd")?);
        let mut bench = self.common.command("health")?;
        bench.arg("--api-server").arg(server).arg("--healthd").arg(healthd);
        finish(bench)
    }
}
