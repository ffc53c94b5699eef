//! What both servers are asked to do.

use std::fs;

/// Pages that are there before.
pub(crate) const PAGES: u32 = 10_000;
/// Of an uploaded file.
pub(crate) const UPLOAD_BYTES: usize = 1 << 20;

/// One kind of work, and what is promised of it.
pub(crate) struct Work {
    pub(crate) kind: Kind,
    pub(crate) name: &'static str,
    /// Our throughput, at least so many times the other's.
    pub(crate) throughput_least: f64,
    /// Our p99, at most this part of the other's.
    pub(crate) p99_most: Option<f64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Health,
    Record,
    List,
    Create,
    Mixed,
    Upload,
}

pub(crate) const WORKS: &[Work] = &[
    Work { kind: Kind::Health, name: "health", throughput_least: 2.0, p99_most: None },
    Work { kind: Kind::Record, name: "one record", throughput_least: 6.0, p99_most: None },
    Work { kind: Kind::List, name: "list 20 of 10,000", throughput_least: 6.0, p99_most: None },
    Work { kind: Kind::Create, name: "create, signed in", throughput_least: 5.0, p99_most: Some(0.25) },
    Work { kind: Kind::Mixed, name: "9 records, 1 create", throughput_least: 6.0, p99_most: None },
    Work { kind: Kind::Upload, name: "upload of 1 MB", throughput_least: 1.5, p99_most: None },
];

/// Somebody who does it.
pub(crate) trait Server {
    /// `http://127.0.0.1:3036`
    fn base(&self) -> String;
    /// The paths and headers of its requests.
    fn requests(&self) -> Requests;
    fn pid(&self) -> u32;
    /// What a created record survives, once the answer is there.
    fn durability(&self) -> &'static str;

    fn script(&self, kind: Kind) -> String {
        self.requests().script(kind)
    }

    /// The most memory that it ever had.
    fn peak_bytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }
}

/// How one server wants to be asked.
pub(crate) struct Requests {
    pub(crate) health: String,
    pub(crate) record: String,
    pub(crate) list: String,
    pub(crate) create: String,
    pub(crate) upload: String,
    /// Lua: the JSON of a new page, from `n`, which no other request has, and `body`.
    pub(crate) page: String,
    /// A header that says who asks.
    pub(crate) who: (String, String),
}

/// The text of a page.
pub(crate) fn body(number: u32) -> String {
    let sentence = format!("Page {number} has a text with **some** words, a [link](https://example.com/{number}) and no picture. ");
    sentence.repeat(16)
}

impl Requests {
    /// Lua for wrk.
    fn script(&self, kind: Kind) -> String {
        let Self { health, record, list, create, upload, page, who: (name, value) } = self;
        let body = body(0);
        // Made once: what the client does for each request takes time from the servers.
        let reading = |path: &str, more: &str| format!("local read\nfunction init() read = wrk.format('GET', '{path}')\n {more} end\n");
        // No function: wrk asks for this without Lua.
        let get = |path: &str| format!("wrk.path = '{path}'\n");
        let prelude = format!(
            "math.randomseed(os.time() * 1000 + math.floor(os.clock() * 1e6))\nlocal run = math.random(1, 1e9)\nlocal count = 0\n\
             local function next_number() count = count + 1; return string.format('%010d-%08d', run, count) end\nlocal body = [[{body}]]\n\
             local who = {{ ['{name}'] = '{value}', ['Content-Type'] = 'application/json' }}\n\
             -- All but the number is the same each time, and its length is, too.\nlocal parts = {{}}\nlocal number = '@@@@@@@@@@@@@@@@@@@'\n\
             local function prepare() local n = number\n local all = wrk.format('POST', '{create}', who, {page})\n \
             for part in (all .. number):gmatch('(.-)' .. number) do parts[#parts + 1] = part end end\n\
             local function create() return table.concat(parts, next_number()) end\n"
        );
        match kind {
            Kind::Health => get(health),
            Kind::Record => get(record),
            Kind::List => get(list),
            Kind::Create => format!("{prelude}function init() prepare() end\nfunction request() return create() end\n"),
            Kind::Mixed => format!(
                "{prelude}{}local turn = 0\nfunction request() turn = turn + 1\n if turn % 10 == 0 then return create() end\n return read end\n",
                reading(record, "prepare()")
            ),
            Kind::Upload => format!(
                "{prelude}local rest = string.rep('0123456789abcdef', {UPLOAD_BYTES} / 16)\n\
                 function request() local n = next_number()\n local content = '%PDF-1.4 ' .. n .. ' ' .. rest\n \
                 local head = '--edge\\r\\nContent-Disposition: form-data; name=\"file\"; filename=\"' .. n .. '.pdf\"\\r\\nContent-Type: application/pdf\\r\\n\\r\\n'\n \
                 return wrk.format('POST', '{upload}', {{ ['{name}'] = '{value}', ['Content-Type'] = 'multipart/form-data; boundary=edge' }}, \
                 head .. content .. '\\r\\n--edge--\\r\\n') end\n"
            ),
        }
    }
}
