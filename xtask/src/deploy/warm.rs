//! Copies for readers. While servers are exchanged the proxy answers with what it was told last, and what nobody has read within a day it
//! was not told: so every published page is read once before, through the proxy.

use anyhow::Result;

use super::facts::Site;
use super::line::{Line, last_words};

/// As many as the proxy has room for in its memory, in two encodings, beside the pictures of them.
const PAGES_MAX: usize = 1_000;
/// A copy is of one of these: of those who take compressed pages, and of those who don't.
const ENCODINGS: [&str; 2] = ["gzip", "identity"];

/// What asks for the list of pages, and what reads pages of it, from within the proxy: its own address is not limited.
pub(super) fn lines(in_proxy: &Line, port: u16, site: &Site) -> Vec<Line> {
    let (domain, to_itself) = (&site.domain, format!("::127.0.0.1:{port}"));
    let curl = || {
        in_proxy.clone().with(["curl", "--silent", "--show-error", "--fail", "--insecure", "--max-time", "5", "--connect-to", &to_itself])
    };
    let list = curl().with([format!("https://{domain}/sitemap.xml")]);
    let pages = |encoding: &str| {
        let header = format!("Accept-Encoding: {encoding}");
        curl().with(["--fail-early", "--parallel", "--parallel-max", "4", "--header", &header])
    };
    std::iter::once(list).chain(ENCODINGS.map(pages)).collect()
}

/// Reads all of them. What comes to nothing costs readers a page, and is no reason not to deploy.
///
/// # Errors
///
/// Where nothing can be asked any more.
pub(super) fn warm(lines: &[Line]) -> Result<String> {
    let Some((list, pages)) = lines.split_first() else { return Ok(String::new()) };
    let listed = list.output()?;
    if !listed.status.success() {
        return Ok(format!("no copies but those of what was read today: {}", last_words(&listed)));
    }
    let sitemap = String::from_utf8_lossy(&listed.stdout);
    let addresses: Vec<&str> = addresses(&sitemap).take(PAGES_MAX).collect();
    for line in pages {
        let read = line.clone().with(addresses.iter().flat_map(|address| ["--output", "/dev/null", address])).output()?;
        if !read.status.success() {
            return Ok(format!("copies of some pages only: {}", last_words(&read)));
        }
    }
    Ok(format!("{} pages", addresses.len()))
}

/// What a sitemap lists. One that lists other sitemaps names none.
fn addresses(sitemap: &str) -> impl Iterator<Item = &str> {
    sitemap.split("<url>").skip(1).filter_map(|entry| Some(entry.split_once("<loc>")?.1.split_once("</loc>")?.0))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::warm;
    use crate::deploy::line::Line;

    #[test]
    fn every_page_of_the_list_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let (sitemap, log) = (folder.path().join("sitemap.xml"), folder.path().join("log").display().to_string());
        let shell = |script: &str| Line::new(["sh", "-c", script, "curl"]);
        let list = shell(&format!("cat {}", sitemap.display()));
        assert!(warm(std::slice::from_ref(&list)).expect("it is asked").starts_with("no copies but"));
        fs::write(
            &sitemap,
            "<urlset><url><loc>https://a.example/</loc></url><url><loc>https://a.example/b</loc><lastmod>1</lastmod></url></urlset>",
        )
        .expect("a list");
        let read = shell(&format!("echo \"$@\" >> {log}"));
        assert_eq!(warm(&[list.clone(), read.clone(), read.clone()]).expect("it is asked"), "2 pages");
        let line = "--output /dev/null https://a.example/ --output /dev/null https://a.example/b\n";
        assert_eq!(fs::read_to_string(log).expect("it was read"), line.repeat(2));
        let said = warm(&[list.clone(), shell("echo 500; exit 22"), read]).expect("it is asked");
        assert_eq!(said, "copies of some pages only: 500");
        fs::write(&sitemap, "<sitemapindex><sitemap><loc>https://a.example/sitemap-1.xml</loc></sitemap></sitemapindex>").expect("a list");
        assert_eq!(warm(&[list]).expect("it is asked"), "0 pages");
    }
}
