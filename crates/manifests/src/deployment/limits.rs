use super::reader::Reader;

/// `[limits]`: what each part may use. Together the defaults fit a machine with 2 GB.
#[derive(Debug, Clone)]
pub struct Limits {
    /// `api-server`.
    pub backend: Limit,
    /// The page on nginx.
    pub frontend: Limit,
    /// nginx before everything.
    pub proxy: Limit,
    /// `backupd`.
    pub backupd: Limit,
    /// `healthd`.
    pub healthd: Limit,
    /// What renews certificates.
    pub certbot: Limit,
    /// Files and connections that a process may have open. More than the host's hard limit and Docker starts nothing.
    pub descriptors: u32,
}

/// What one part may use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// Processors, in thousandths.
    pub cpu_milli: u32,
    /// Memory, in MiB.
    pub memory_mib: u32,
    /// Processes and threads.
    pub pids: u32,
}

impl Limits {
    pub(super) fn read(reader: &mut Reader) -> Self {
        // Memory: 300 MiB is what a thousand sign-ins at once make of the server; a backup sorts and compresses in what it finds; the proxy has
        // 128 MiB for copies of pages.
        Self {
            backend: Limit::read(reader, "backend", Limit { cpu_milli: 1500, memory_mib: 640, pids: 256 }),
            frontend: Limit::read(reader, "frontend", Limit { cpu_milli: 500, memory_mib: 96, pids: 64 }),
            proxy: Limit::read(reader, "proxy", Limit { cpu_milli: 1000, memory_mib: 256, pids: 64 }),
            backupd: Limit::read(reader, "backupd", Limit { cpu_milli: 1000, memory_mib: 512, pids: 128 }),
            healthd: Limit::read(reader, "healthd", Limit { cpu_milli: 250, memory_mib: 128, pids: 64 }),
            certbot: Limit::read(reader, "certbot", Limit { cpu_milli: 500, memory_mib: 160, pids: 64 }),
            descriptors: reader.number("limits.descriptors", 16_384, 1024..=1_048_576),
        }
    }
}

impl Limit {
    fn read(reader: &mut Reader, part: &str, default: Self) -> Self {
        Self {
            cpu_milli: reader.number(&format!("limits.{part}.cpu_milli"), default.cpu_milli, 50..=256_000),
            memory_mib: reader.number(&format!("limits.{part}.memory_mib"), default.memory_mib, 32..=1_048_576),
            pids: reader.number(&format!("limits.{part}.pids"), default.pids, 16..=65_536),
        }
    }
}
