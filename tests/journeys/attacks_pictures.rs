//! Pictures that are small as files and enormous when they are read, against the real server: it stays up and small, and goes on with the
//! pictures of others.

use std::{
    fs,
    io::Write,
    time::{Duration, Instant},
};

use flate2::{Compression, Crc, write::ZlibEncoder};
use magnetiq_tests::{Client, Folder, Server};
use serde_json::Value;

/// What the server may need meanwhile.
const MEMORY_MAX: u64 = 300 << 20;
/// What the bombs become that go off.
const LARGE_BYTES: usize = 400 << 20;

fn compressed(parts: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    parts.into_iter().for_each(|part| encoder.write_all(&part).unwrap());
    encoder.finish().unwrap()
}

fn zeros(bytes: usize) -> Vec<u8> {
    const PART: usize = 1 << 20;
    compressed((0..bytes / PART).map(|_| vec![0; PART]))
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(kind);
    crc.update(data);
    let length = u32::try_from(data.len()).unwrap();
    [&length.to_be_bytes()[..], kind, data, &crc.sum().to_be_bytes()].concat()
}

/// `bits` in each pixel of grey, or 24 of colour.
fn png(width: u32, height: u32, bits: u8, more: &[u8], data: &[u8]) -> Vec<u8> {
    let (depth, colour) = if bits == 24 { (8, 2) } else { (bits, 0) };
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[depth, colour, 0, 0, 0]].concat();
    [b"\x89PNG\r\n\x1a\n", &*chunk(b"IHDR", &head), more, &chunk(b"IDAT", data), &chunk(b"IEND", b"")].concat()
}

fn gif(width: u16, height: u16, frames: usize) -> Vec<u8> {
    let mut gif = b"GIF89a".to_vec();
    gif.extend([width.to_le_bytes(), height.to_le_bytes()].concat());
    gif.extend(b"\x80\0\0\0\0\0\xff\xff\xff");
    for _ in 0..frames {
        gif.extend(b",\0\0\0\0");
        gif.extend([width.to_le_bytes(), height.to_le_bytes()].concat());
        gif.extend(b"\0\x02\x02D\x01\0");
    }
    gif.push(b';');
    gif
}

fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut jpeg = b"\xff\xd8\xff\xc2\0\x11\x08".to_vec();
    jpeg.extend([height.to_be_bytes(), width.to_be_bytes()].concat());
    jpeg.extend(b"\x03\x01\x22\0\x02\x11\0\x03\x11\0");
    for _ in 0..1_000 {
        jpeg.extend(b"\xff\xda\0\x0c\x03\x01\0\x02\0\x03\0\0\0\0\0\0");
    }
    jpeg.extend(b"\xff\xd9");
    jpeg
}

/// An animation on a canvas of 16 million by 16 million.
fn webp() -> Vec<u8> {
    let mut body = b"WEBPVP8X\x0a\0\0\0\x02\0\0\0\xff\xff\xff\xff\xff\xff".to_vec();
    body.extend(b"ANIM\x06\0\0\0\0\0\0\0\0\0");
    let size = u32::try_from(body.len()).unwrap();
    [b"RIFF", &size.to_le_bytes()[..], &body].concat()
}

/// As a JPEG has them, in pieces, and no picture.
fn jpeg_notes(bytes: usize) -> Vec<u8> {
    let note = [b"\xff\xe2\xff\xffICC_PROFILE\0\x01\xff".as_slice(), &[0; 65_519]].concat();
    [b"\xff\xd8".as_slice(), &note.repeat(bytes / note.len())].concat()
}

/// A picture of one pixel with a colour profile of so many bytes.
fn webp_profile(bytes: u32) -> Vec<u8> {
    let pixel = b"VP8L\x11\0\0\0\x2f\0\0\0\0\x07\x10\xfd\x8f\xfe\x07\x22\xa2\xff\x01\0";
    let mut body = b"WEBPVP8X\x0a\0\0\0\x20\0\0\0\0\0\0\0\0\0ICCP".to_vec();
    body.extend(bytes.to_le_bytes());
    body.resize(body.len() + bytes as usize, 0);
    body.extend(pixel);
    let size = u32::try_from(body.len()).unwrap();
    [b"RIFF", &size.to_le_bytes()[..], &body].concat()
}

/// Brings a file in one part of many that there may be; gives its id.
fn bring_in_parts(client: &Client, content: &[u8]) -> String {
    let uploads = "/api/v1/admin/media/uploads";
    let length = content.len().to_string();
    let (status, headers, body) = client.send("POST", uploads, &[("tus-resumable", "1.0.0"), ("upload-length", &length)], b"").unwrap();
    assert_eq!(status, 201, "{body}");
    let url = headers["location"].to_str().unwrap().to_owned();
    let part = [("tus-resumable", "1.0.0"), ("upload-offset", "0"), ("content-type", "application/offset+octet-stream")];
    let (status, headers, body) = client.send("PATCH", &url, &part, content).unwrap();
    assert_eq!(status, 204, "{body}");
    headers["content-location"].to_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

/// A picture that nobody minds.
fn harmless() -> Vec<u8> {
    let row = |y: u32| {
        let pixel = move |x: u32| [x * 7 + y, x / 3 + y * 5, x * y / 50].map(|value| u8::try_from(value % 256).unwrap());
        std::iter::once(0).chain((0..500).flat_map(pixel)).collect::<Vec<u8>>()
    };
    png(500, 400, 24, b"", &compressed((0..400).map(row)))
}

/// What became of a file, once it is known.
fn settled(client: &Client, id: &str) -> Value {
    let begin = Instant::now();
    loop {
        let (status, media) = client.get(&format!("/api/v1/admin/media/{id}")).unwrap();
        assert_eq!(status, 200, "{media}");
        if media["variants_state"] != "queued" {
            return media;
        }
        assert!(begin.elapsed() < Duration::from_secs(120), "nothing becomes of {media}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The most memory that the server has had.
fn peak(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[test]
fn pictures_that_are_bombs_cost_little() {
    let folder = Folder::new();
    folder.settings("profile = \"development\"\n[server]\nport = 0\n[log]\nformat = \"json\"\n");
    let server = Server::start_new(&folder);
    let client = server.sign_in();
    let large = zeros(LARGE_BYTES);
    let text = [b"Comment\0\0", &*large].concat();
    let profile = [b"icc\0\0", &*large].concat();
    let laughs: String = (1..30).map(|n| format!("<!ENTITY a{n} \"{}\">", format!("&a{};", n - 1).repeat(10))).collect();
    let laughs = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY a0 \"ha\">{laughs}]><svg xmlns=\"http://www.w3.org/2000/svg\"><text>&a29;</text></svg>"
    );
    let bombs = [
        ("vast.png", png(60_000, 55_000, 1, b"", &large)),
        ("just-so-many-pixels.png", png(8_000, 8_000, 16, b"", &large)),
        ("more-than-it-says.png", png(300, 300, 8, b"", &large)),
        ("words.png", png(300, 300, 8, &chunk(b"zTXt", &text), &zeros(1 << 20))),
        ("profile.png", png(300, 300, 8, &chunk(b"iCCP", &profile), &zeros(1 << 20))),
        ("vast.gif", gif(u16::MAX, u16::MAX, 1)),
        ("many.gif", gif(4_000, 4_000, 50_000)),
        ("vast.jpg", jpeg(65_500, 65_500)),
        ("scans.jpg", jpeg(7_900, 7_900)),
        ("vast.webp", webp()),
        ("laughs.svg", laughs.into_bytes()),
    ];
    let mut taken = Vec::new();
    for (name, bomb) in &bombs {
        let (status, _, media) = client.upload(name, bomb).unwrap();
        assert!([201, 413, 415].contains(&status), "{name}: {status} {media}");
        if status == 201 {
            taken.push((*name, media["id"].as_str().unwrap().to_owned()));
        }
    }
    assert!(taken.len() >= 8, "only {taken:?} came as far as the decoders");
    let (status, _, good) = client.upload("harmless.png", &harmless()).unwrap();
    assert_eq!(status, 201, "{good}");
    while waiting(&client) > 0 {
        // Others are served meanwhile.
        assert_eq!((client.get("/readyz").unwrap().0, client.get("/api/v1/pages").unwrap().0), (200, 200));
        std::thread::sleep(Duration::from_millis(50));
    }
    for (name, id) in &taken {
        let media = settled(&client, id);
        eprintln!("{name}: {} {}", media["variants_state"], media["variants_reason"]);
        let made: u64 = media["variants"].as_array().unwrap().iter().map(|variant| variant["size_bytes"].as_u64().unwrap()).sum();
        assert!(made < 1 << 20, "{media}");
    }
    let good = settled(&client, good["id"].as_str().unwrap());
    assert_eq!(good["variants_state"], "made", "{good}");
    let peak = peak(&server);
    eprintln!("the server had at most {} MB", peak >> 20);
    assert!(peak < MEMORY_MAX, "{} MB", peak >> 20);
}

/// What a decoder holds before it knows how large a picture is, and what has no limit but the size of the file.
#[test]
fn notes_without_end_cost_little() {
    let folder = Folder::new();
    folder.settings("profile = \"development\"\n[server]\nport = 0\n[log]\nformat = \"json\"\n");
    let server = Server::start_new(&folder);
    let client = server.sign_in();
    for content in [jpeg_notes(LARGE_BYTES), webp_profile(u32::try_from(LARGE_BYTES).unwrap())] {
        let media = settled(&client, &bring_in_parts(&client, &content));
        assert_eq!(media["variants_state"], "failed", "{media}");
        assert!(media["variants_reason"].as_str().unwrap().contains("media.picture_memory_bytes"), "{media}");
    }
    let peak = peak(&server);
    eprintln!("the server had at most {} MB", peak >> 20);
    assert!(peak < MEMORY_MAX, "{} MB", peak >> 20);
}

/// Files of which nothing became yet.
fn waiting(client: &Client) -> u64 {
    client.get("/api/v1/admin/media/summary").unwrap().1["queued_files"].as_u64().unwrap()
}
