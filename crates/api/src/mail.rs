//! Letters to people. For now they are written to a folder, as files that every mail program opens.

use std::{fs, path::PathBuf};

use lettre::{
    FileTransport, Message, Transport,
    message::{Mailbox, header::ContentType},
};
use magnetiq_config::Mail as MailSettings;

use crate::{blocking, error::Error};

/// A letter in plain text.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
}

/// Where letters go.
#[derive(Debug)]
pub(crate) struct Mail {
    folder: Option<PathBuf>,
    from: Mailbox,
}

impl Mail {
    pub(crate) fn new(settings: &MailSettings) -> Result<Self, Error> {
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| Error::Mail { source };
        if let Some(folder) = &settings.folder {
            fs::create_dir_all(folder).map_err(|source| Error::File { action: "create the folder", path: folder.clone(), source })?;
        }
        Ok(Self { folder: settings.folder.clone(), from: settings.from.parse().map_err(|error| failed(Box::new(error)))? })
    }

    /// Writes a letter to the folder and names the file in the log. Without a folder there is no mail.
    pub(crate) async fn send(&self, letter: Letter) -> Result<(), Error> {
        let Some(folder) = self.folder.clone() else { return Ok(()) };
        let from = self.from.clone();
        blocking::run(move || write(&folder, from, &letter)).await?
    }
}

fn write(folder: &PathBuf, from: Mailbox, letter: &Letter) -> Result<(), Error> {
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| Error::Mail { source };
    let message = Message::builder()
        .from(from)
        .to(letter.to.parse().map_err(|error: lettre::address::AddressError| failed(error.into()))?)
        .subject(&letter.subject)
        .header(ContentType::TEXT_PLAIN)
        .body(letter.text.clone())
        .map_err(|error| failed(error.into()))?;
    let id = FileTransport::new(folder).send(&message).map_err(|error| failed(error.into()))?;
    tracing::info!(file = %folder.join(format!("{id}.eml")).display(), subject = letter.subject, "mail");
    Ok(())
}
