//! Posts on social networks while the server is killed: none is lost, and what may stand there twice is counted.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use magnetiq_tests::{Client, Folder, Random, Server};
use serde_json::{Value, json};

const KILLS: usize = 10;
const POSTS_IN_A_ROUND: usize = 3;

/// Stands in for Mastodon, which knows a post by its `Idempotency-Key`, and for LinkedIn, which takes all that comes.
#[derive(Clone, Default)]
struct Networks {
    /// The texts that stand there, by network; each as often as it stands there.
    posts: Arc<Mutex<BTreeMap<&'static str, Vec<String>>>>,
    keys: Arc<Mutex<BTreeSet<String>>>,
}

impl Networks {
    /// Takes connections for as long as the test runs; where.
    fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let networks = self.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let networks = networks.clone();
                // Who asks may be killed meanwhile.
                std::thread::spawn(move || networks.answer(stream.ok()?));
            }
        });
        address
    }

    fn answer(&self, mut stream: TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.trim_end() {
                "" => break,
                line => head.push(line.to_owned()),
            }
        }
        let header = |name: &str| {
            head.iter().find_map(|line| line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name))).map(|(_, value)| value)
        };
        let mut body = vec![0; header("content-length")?.parse().ok()?];
        reader.read_exact(&mut body).ok()?;
        let body: Value = serde_json::from_slice(&body).ok()?;
        let answer = if head[0].contains("/rest/posts") {
            self.keep("linkedin", &body["commentary"]);
            "HTTP/1.1 201 Created\r\nx-restli-id: urn:li:share:1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned()
        } else {
            let is_new = self.keys.lock().unwrap().insert(header("idempotency-key")?.to_owned());
            if is_new {
                self.keep("mastodon", &body["status"]);
            }
            let body = r#"{"id":"1","url":"https://social.example/@ana/1"}"#;
            format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            )
        };
        // Long enough for some kills to fall between the post and its answer.
        std::thread::sleep(Duration::from_millis(5));
        stream.write_all(answer.as_bytes()).ok()
    }

    fn keep(&self, network: &'static str, text: &Value) {
        self.posts.lock().unwrap().entry(network).or_default().push(text.as_str().unwrap_or_default().to_owned());
    }
}

/// Entries of a network in this state.
fn in_state(client: &Client, network: &str, state: &str) -> usize {
    let (status, list) = client.get(&format!("/api/v1/outbox?limit=100&kind={network}&state={state}")).unwrap();
    assert_eq!(status, 200, "{list}");
    list["items"].as_array().unwrap().len()
}

#[test]
fn a_server_that_is_killed_while_it_posts_loses_no_post() {
    let networks = Networks::default();
    let address = networks.start();
    let folder = Folder::new();
    folder.settings(&format!(
        "profile = \"development\"\n[server]\nport = 0\n[log]\nformat = \"json\"\n[auth]\nlogin_attempts_per_minute = 1000\n\
         [mail]\nretry_first_s = 1\nretry_max_s = 2\n\
         [social.mastodon]\nurl = \"http://{address}\"\ntoken = \"of-mastodon\"\n\
         [social.linkedin]\nurl = \"http://{address}\"\ntoken = \"of-linkedin\"\nauthor = \"urn:li:organization:17\"\n"
    ));
    let mut random = Random::new(crate::proof::seed());
    let mut server = Server::start_new(&folder);
    let mut acknowledged = Vec::new();
    for round in 0..KILLS {
        let client = server.sign_in();
        for n in 0..POSTS_IN_A_ROUND {
            let text = format!("post {round}.{n}");
            let (status, posted) =
                client.post("/api/v1/admin/posts", &json!({ "networks": ["mastodon", "linkedin"], "text": text })).unwrap();
            assert_eq!(status, 201, "{posted}");
            acknowledged.push(text);
        }
        std::thread::sleep(Duration::from_micros(random.below(40_000)));
        server.kill();
        server = Server::start(&folder);
        assert_eq!(server.client().get("/readyz").unwrap().0, 200, "round {round}");
    }
    let client = server.sign_in();
    let begin = Instant::now();
    for network in ["mastodon", "linkedin"] {
        while in_state(&client, network, "sent") < acknowledged.len() {
            assert!(begin.elapsed() < Duration::from_secs(60), "{} of {}", in_state(&client, network, "sent"), acknowledged.len());
            std::thread::sleep(Duration::from_millis(50));
        }
        assert_eq!((in_state(&client, network, "queued"), in_state(&client, network, "dead")), (0, 0), "{network}");
    }
    let posts = networks.posts.lock().unwrap();
    for (network, twice_max) in [("mastodon", 0), ("linkedin", KILLS)] {
        let stands = &posts[network];
        assert!(acknowledged.iter().all(|text| stands.contains(text)), "a post was lost on {network}: {stands:?}");
        let twice = stands.len() - acknowledged.len();
        eprintln!("{network}: {} posts, {twice} of them twice", acknowledged.len());
        // One was under way at each kill, at most.
        assert!(twice <= twice_max, "{network}: {twice} too many: {stands:?}");
    }
}
