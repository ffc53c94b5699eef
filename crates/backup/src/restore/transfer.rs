//! A whole site through a pipe.

use std::io::{Read, Write};

use super::apply::Source;
use super::{RestoreRequest, Restored};
use crate::lock::Lock;
use crate::priority::Pace;
use crate::progress::Report;
use crate::scratch::Scratch;
use crate::{Backups, Error, MediaMode, Problem, Reason, Request, catalogue, create, priority};

/// What was exported.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exported {
    /// Id in its manifest.
    pub id: String,
    /// What could not be read: such an export is partial.
    pub problems: Vec<Problem>,
}

pub(crate) fn export(backups: &Backups, out: &mut (dyn Write + Send), report: Report) -> Result<Exported, Error> {
    priority::run(Pace::Behind, report, |report| {
        // So that no restore puts another site in place while this one is read.
        let _folder = Lock::wait(&backups.options.folder, &backups.options.program)?;
        let scratch = Scratch::create(&backups.options.folder)?;
        let (id, sequence) = catalogue::next(backups)?;
        let request = Request::new(Reason::Export).media(MediaMode::Full);
        let prepared = create::prepare(backups, &scratch, &request, create::Name { id: id.clone(), sequence }, report)?;
        let (seal, out) = create::write(&prepared, &backups.options, out, report)?;
        out.flush().map_err(|source| Error::Write { source })?;
        Ok(Exported { id, problems: seal.unreadable })
    })
}

pub(crate) fn import(backups: &Backups, input: &mut dyn Read, request: &RestoreRequest, report: Report) -> Result<Restored, Error> {
    let source = Source { name: "what is imported".to_owned(), expected: None, media_from: vec![backups.options.folder.clone()] };
    source.restore(backups, request, input, report)
}
