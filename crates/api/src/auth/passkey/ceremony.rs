//! The two ceremonies of WebAuthn: a device makes a key for this site, and later signs with it. The checks are those of `webauthn_rp`.

use actix_web::cookie::Cookie;
use serde_json::Value;
use url::{Host, Url};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication16, DiscoverableAuthenticationServerState, DiscoverableCredentialRequestOptions,
    PublicKeyCredentialCreationOptions, Registration, RegistrationServerState,
    bin::{Decode, Encode},
    request::{
        AsciiDomain, PublicKeyCredentialDescriptor, RpId,
        auth::AuthenticationVerificationOptions,
        register::{CredProtect, Nickname, PublicKeyCredentialUserEntity, RegistrationVerificationOptions, UserHandle16, Username},
    },
    response::{
        AuthTransports, Backup, CredentialId,
        register::{DynamicState, StaticState},
    },
};

use super::attempt::{Attempt, Attempts};
use crate::{
    auth::{Account, keys::Keys},
    clock::Time,
    error::Error,
    id::{AccountId, PasskeyId},
};

/// What changes of a passkey with each use, encoded.
pub(super) type Dynamic = [u8; 7];

/// A passkey that a device made, to be kept.
#[derive(Clone, Debug)]
pub(super) struct NewPasskey {
    pub(super) credential_id: Vec<u8>,
    pub(super) transports: u8,
    pub(super) static_state: Vec<u8>,
    pub(super) dynamic_state: Dynamic,
    pub(super) synced: bool,
}

/// What a device must not make a second key beside.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) credential_id: Vec<u8>,
    pub(super) transports: u8,
}

/// A passkey as it is kept.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) id: PasskeyId,
    pub(super) account: AccountId,
    pub(super) static_state: Vec<u8>,
    pub(super) dynamic_state: Dynamic,
}

/// What a passkey is after it signed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Used {
    pub(super) dynamic_state: Dynamic,
    pub(super) synced: bool,
}

/// What a device signed.
#[derive(Debug)]
pub(super) struct Assertion(DiscoverableAuthentication16);

impl Assertion {
    /// # Errors
    ///
    /// What is wrong with it, for the log.
    pub(super) fn read(credential: &Value) -> Result<Self, String> {
        let json = credential.to_string();
        DiscoverableAuthentication16::from_json_relaxed(json.as_bytes()).map(Self).map_err(|error| error.to_string())
    }

    pub(super) fn credential_id(&self) -> Vec<u8> {
        self.0.raw_id().as_ref().to_vec()
    }
}

/// Both ceremonies, for the name in `server.public_url`.
#[derive(Debug)]
pub(crate) struct Ceremonies {
    site: RpId,
    origin: String,
    pub(super) attempts: Attempts,
}

impl Ceremonies {
    /// None where the site has no name but an IP address: browsers have no passkeys for those.
    pub(crate) fn of(public_url: &Url, keys: Keys) -> Option<Self> {
        let Some(Host::Domain(name)) = public_url.host() else { return None };
        let site = RpId::Domain(AsciiDomain::try_from(name.to_owned()).ok()?);
        let attempts = Attempts::new(keys, public_url.scheme() == "https");
        Some(Self { site, origin: public_url.origin().ascii_serialization(), attempts })
    }

    /// What a browser is asked to make for an account, and the cookie of the attempt.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`].
    pub(super) fn offer(&self, owner: &str, account: &Account, known: Vec<Known>, now: Time) -> Result<(Value, Cookie<'static>), Error> {
        let handle = handle(account.id);
        let user = PublicKeyCredentialUserEntity {
            // Only the device shows it; an address that is no name there is replaced.
            name: Username::try_from(account.email.as_str()).or_else(|_unusual| Username::try_from("account")).map_err(unexpected)?,
            id: &handle,
            display_name: Nickname::try_from(account.name.as_str()).ok(),
        };
        let known = known.into_iter().map(descriptor).collect::<Result<_, _>>()?;
        let mut options = PublicKeyCredentialCreationOptions::passkey(&self.site, user, known);
        // Synced passkeys do not know this extension, and a browser that has to enforce it makes none.
        options.extensions.cred_protect = CredProtect::None;
        let (state, options) = options.start_ceremony().map_err(unexpected)?;
        let options = serde_json::to_value(&options).map_err(|source| Error::Json { source })?;
        Ok((options, self.attempts.begin(owner, &state.encode().map_err(unexpected)?, now)?))
    }

    /// What a device made in an attempt.
    ///
    /// # Errors
    ///
    /// Why it can't be taken, for the log.
    pub(super) fn register(&self, attempt: &Attempt, credential: &Value) -> Result<NewPasskey, String> {
        let state = RegistrationServerState::<16>::decode(attempt.state.as_slice()).map_err(|error| error.to_string())?;
        let response = Registration::from_json_relaxed(credential.to_string().as_bytes()).map_err(|error| error.to_string())?;
        let options = RegistrationVerificationOptions::<&str, &str> {
            allowed_origins: &[&self.origin],
            // Browsers ask for some by themselves.
            error_on_unsolicited_extensions: false,
            ..RegistrationVerificationOptions::default()
        };
        let made = state.verify(&self.site, &response, &options).map_err(|error| error.to_string())?;
        let (Ok(static_state), Ok(dynamic_state), Ok(transports)) =
            (made.static_state().encode(), made.dynamic_state().encode(), made.transports().encode());
        let synced = matches!(made.dynamic_state().backup, Backup::Exists);
        Ok(NewPasskey { credential_id: made.id().as_ref().to_vec(), transports, static_state, dynamic_state, synced })
    }

    /// What a browser is asked to sign, and the cookie of the attempt.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`].
    pub(super) fn ask(&self, owner: &str, now: Time) -> Result<(Value, Cookie<'static>), Error> {
        let (state, options) = DiscoverableCredentialRequestOptions::passkey(&self.site).start_ceremony().map_err(unexpected)?;
        let options = serde_json::to_value(&options).map_err(|source| Error::Json { source })?;
        Ok((options, self.attempts.begin(owner, &state.encode().map_err(unexpected)?, now)?))
    }

    /// That the device of a passkey signed in an attempt, and asked its owner first.
    ///
    /// # Errors
    ///
    /// Why it is refused, for the log.
    pub(super) fn verify(&self, attempt: &Attempt, assertion: &Assertion, stored: &Stored) -> Result<Used, String> {
        let state = DiscoverableAuthenticationServerState::decode(attempt.state.as_slice()).map_err(|error| error.to_string())?;
        let handle = handle(stored.account);
        let mut credential = AuthenticatedCredential::new(
            assertion.0.raw_id(),
            &handle,
            StaticState::decode(stored.static_state.as_slice()).map_err(|error| error.to_string())?,
            DynamicState::decode(stored.dynamic_state).map_err(|error| error.to_string())?,
        )
        .map_err(|error| error.to_string())?;
        let options = AuthenticationVerificationOptions::<&str, &str> {
            allowed_origins: &[&self.origin],
            error_on_unsolicited_extensions: false,
            ..AuthenticationVerificationOptions::default()
        };
        state.verify(&self.site, &assertion.0, &mut credential, &options).map_err(|error| error.to_string())?;
        let Ok(dynamic_state) = credential.dynamic_state().encode();
        Ok(Used { dynamic_state, synced: matches!(credential.dynamic_state().backup, Backup::Exists) })
    }
}

/// What devices call an account: nothing that tells who it is.
fn handle(account: AccountId) -> UserHandle16 {
    let Ok(handle) = UserHandle16::decode(account.to_bytes());
    handle
}

fn descriptor(known: Known) -> Result<PublicKeyCredentialDescriptor<Vec<u8>>, Error> {
    Ok(PublicKeyCredentialDescriptor {
        id: CredentialId::decode(known.credential_id).map_err(unexpected)?,
        transports: AuthTransports::decode(known.transports).map_err(unexpected)?,
    })
}

fn unexpected(error: impl std::fmt::Display) -> Error {
    Error::internal("offer a passkey", error.to_string())
}
