use super::names;
use super::reader::Reader;

/// `[argocd]`: a cluster that follows a repository.
#[derive(Debug, Clone)]
pub struct Argocd {
    /// The repository that these files lie in.
    pub repository: Option<String>,
    /// The branch or tag that production follows.
    pub revision: String,
    /// The folder of the repository that `--out` is; `None`: its root.
    pub folder: Option<String>,
    /// The namespace of Argo CD.
    pub namespace: String,
    /// The API server of the cluster.
    pub server: String,
    /// The group of the sign-in service that may deploy by hand.
    pub deployers: String,
    /// A second site to try things on: its host. `None`: there is none.
    pub staging_domain: Option<String>,
    /// The branch that it follows.
    pub staging_revision: String,
    /// The Slack channel that is told.
    pub channel: String,
}

impl Argocd {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let revision = "a branch, a tag or a commit";
        Self {
            repository: reader.optional("argocd.repository", "the address of a repository", names::plain),
            revision: reader.parsed("argocd.revision", "main", revision, names::plain),
            folder: reader.optional("argocd.folder", "a folder within the repository, such as deploy", |text| {
                names::plain(text).filter(|text| !text.starts_with('/') && !text.ends_with('/') && !text.contains(".."))
            }),
            namespace: reader.parsed("argocd.namespace", "argocd", "the name of a namespace", names::name),
            server: reader.parsed("argocd.server", "https://kubernetes.default.svc", "the address of a cluster", names::plain),
            deployers: reader.parsed("argocd.deployers", "deployers", "the name of a group", names::plain),
            staging_domain: reader.optional("argocd.staging_domain", "a host name such as staging.example.org", names::domain),
            staging_revision: reader.parsed("argocd.staging_revision", "main", revision, names::plain),
            channel: reader.parsed("argocd.channel", "deployments", "the name of a channel", names::plain),
        }
    }
}
