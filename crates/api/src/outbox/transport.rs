//! Where letters go: a mail server, a folder in development, or nowhere yet.

use std::{
    fmt, fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use lettre::{
    FileTransport, Message, Transport as _,
    transport::smtp::{
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::{Data, Mail as MailCommand, Rcpt},
        extension::ClientId,
    },
};
use magnetiq_config::{Mail, Smtp, SmtpTls};
use secrecy::ExposeSecret;

use super::{delivery::Refusal, retry::Failure};
use crate::{blocking, error::Error, http::problem, outbound::Reach};

/// How long a server may take to say goodbye. It has taken the letter then.
const GOODBYE: Duration = Duration::from_secs(2);

/// The one way that letters go.
#[derive(Debug)]
pub(crate) enum Transport {
    Smtp {
        server: Smtp,
        reach: Reach,
        authority: Option<Certificate>,
        timeout: Duration,
    },
    Folder(PathBuf),
    /// Letters wait.
    None,
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Smtp { server, .. } => write!(f, "{}:{}", server.host, server.port),
            Self::Folder(folder) => write!(f, "the folder {}", folder.display()),
            Self::None => f.write_str("nobody"),
        }
    }
}

impl Transport {
    pub(crate) fn new(settings: &Mail, reach: Reach) -> Result<Self, Error> {
        Ok(match (&settings.smtp, &settings.folder) {
            (Some(server), _) => {
                let authority = server.authority.as_deref().map(authority).transpose()?;
                Self::Smtp { server: server.clone(), reach, authority, timeout: settings.timeout }
            }
            (None, Some(folder)) => {
                fs::create_dir_all(folder).map_err(|source| Error::File { action: "create the folder", path: folder.clone(), source })?;
                Self::Folder(folder.clone())
            }
            (None, None) => Self::None,
        })
    }

    /// Whether there is a way at all.
    pub(crate) fn is_there(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Hands a letter over, within the time that it may take.
    pub(crate) async fn send(&self, message: Message) -> Result<(), Refusal> {
        match self {
            // One deadline over the whole conversation: a server that gives a byte now and then must not hold up the others.
            Self::Smtp { server, reach, authority, timeout } => {
                let late =
                    || Refusal { failure: Failure::Outage, reason: format!("no answer within {} s", timeout.as_secs()), pause: None };
                let conversation = converse(server, *reach, authority.as_ref(), &message);
                let mut connection = tokio::time::timeout(*timeout, conversation).await.unwrap_or_else(|_elapsed| Err(late()))?;
                // Beyond the deadline: a letter that was taken is not sent again because the goodbye was not answered.
                let _ = tokio::time::timeout(GOODBYE, connection.quit()).await;
                Ok(())
            }
            Self::Folder(folder) => write(folder.clone(), message).await,
            Self::None => Err(Refusal { failure: Failure::Outage, reason: "no mail server is set".to_owned(), pause: None }),
        }
    }
}

fn authority(path: &Path) -> Result<Certificate, Error> {
    let pem = fs::read(path).map_err(|source| Error::File { action: "read the authority", path: path.to_owned(), source })?;
    Certificate::from_pem(&pem).map_err(|source| Error::internal("read the certificate of the mail server's authority", source))
}

/// The conversation until the letter is taken, step by step: what fails before the letter is spoken of is the server's fault, or that of our
/// settings.
async fn converse(server: &Smtp, reach: Reach, authority: Option<&Certificate>, message: &Message) -> Result<AsyncSmtpConnection, Refusal> {
    let addresses = reach.resolve(&server.host, server.port).await;
    let addresses =
        addresses.map_err(|error| Refusal { failure: Failure::Outage, reason: format!("{}: {error}", server.host), pause: None })?;
    let mut connection = connect(server, &addresses, authority).await.map_err(|error| refusal(Failure::Outage, &error))?;
    let envelope = message.envelope();
    let sent = async {
        // Who refuses the sender refuses all letters.
        connection.command(MailCommand::new(envelope.from().cloned(), vec![])).await.map_err(|error| refusal(Failure::Outage, &error))?;
        for to in envelope.to() {
            connection.command(Rcpt::new(to.clone(), vec![])).await.map_err(|error| of_letter(&error))?;
        }
        connection.command(Data).await.map_err(|error| of_letter(&error))?;
        connection.message(&message.formatted()).await.map_err(|error| of_letter(&error))
    };
    sent.await?;
    Ok(connection)
}

async fn connect(
    server: &Smtp,
    addresses: &[SocketAddr],
    authority: Option<&Certificate>,
) -> Result<AsyncSmtpConnection, lettre::transport::smtp::Error> {
    let name = ClientId::default();
    let tls = || {
        let tls = TlsParameters::builder(server.host.clone());
        authority.into_iter().fold(tls, |tls, authority| tls.add_root_certificate(authority.clone())).build()
    };
    let implicit = if server.tls == SmtpTls::Tls { Some(tls()?) } else { None };
    let mut connection = AsyncSmtpConnection::connect_tokio1(addresses, None, &name, implicit, None).await?;
    if server.tls == SmtpTls::StartTls {
        connection.starttls(tls()?, &name).await?;
    }
    if let Some(login) = &server.login {
        let credentials = Credentials::new(login.user.clone(), login.password.expose_secret().to_owned());
        connection.auth(DEFAULT_MECHANISMS, &credentials).await?;
    }
    Ok(connection)
}

/// An answer with a code is about the letter; anything else, such as an end of the connection, is not.
fn of_letter(error: &lettre::transport::smtp::Error) -> Refusal {
    let failure = match error.status() {
        // 421: the server closes the connection, whatever was asked.
        Some(code) if code.to_string() == "421" => Failure::Outage,
        Some(_) if error.is_permanent() => Failure::Never,
        Some(_) => Failure::NotNow,
        None => Failure::Outage,
    };
    refusal(failure, error)
}

fn refusal(failure: Failure, error: &lettre::transport::smtp::Error) -> Refusal {
    // It says its cause itself.
    Refusal { failure, reason: error.to_string(), pause: None }
}

async fn write(folder: PathBuf, message: Message) -> Result<(), Refusal> {
    let path = folder.clone();
    let written = blocking::run(move || FileTransport::new(folder).send(&message)).await;
    let failed = |reason| Refusal { failure: Failure::Outage, reason, pause: None };
    let id = written.map_err(|error| failed(problem::chain(&error)))?.map_err(|error| failed(error.to_string()))?;
    tracing::info!(file = %path.join(format!("{id}.eml")).display(), "a letter was written to the folder of mail");
    Ok(())
}
