//! Smaller pictures: what is made of which file, what is not, and what strangers' pictures can't do.

use std::{io::Cursor, time::Duration};

use image::{Delay, DynamicImage, Frame, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage, codecs::gif::GifEncoder};
use serde_json::{Value, json};
use ureq::http::Method;

use crate::{media_library::png_head, site::Site, social::until_health};

/// Something like a photo: many colours, and no two pixels alike.
fn photo(width: u32, height: u32) -> DynamicImage {
    let byte = |n: u32| u8::try_from(n % 256).unwrap();
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| Rgb([byte(x * 7 + y), byte(x / 3 + y * 5), byte(x * y / 50)])))
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A JPEG with what cameras note: which way is up, and where it was.
fn jpeg_with_exif(picture: &DynamicImage, orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    exif.extend(b"GPS 48.2082 N 16.3738 E");
    let mut jpeg = b"\xff\xd8\xff\xe1".to_vec();
    jpeg.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
    jpeg.extend(exif);
    let (width, height) = [picture.width(), picture.height()].map(|side| u16::try_from(side).unwrap()).into();
    let mut encoded = Vec::new();
    jpeg_encoder::Encoder::new(&mut encoded, 75).encode(&picture.to_rgb8(), width, height, jpeg_encoder::ColorType::Rgb).unwrap();
    jpeg.extend(&encoded[2..]);
    jpeg
}

/// Waits until the worker is through with a file.
fn settled(site: &Site, media: &Value) -> Value {
    for _ in 0..6000 {
        let media = site.get(&format!("/api/v1/admin/media/{}", media["id"].as_str().unwrap())).json();
        if media["variants_state"] != "queued" {
            return media;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("nothing is made of {media}");
}

fn upload(site: &Site, name: &str, content: &[u8]) -> Value {
    let answer = site.upload(name, content);
    assert_eq!(answer.status, 201, "{answer:?}");
    settled(site, &answer.json())
}

/// Preset, width and height of each variant.
fn sizes(media: &Value) -> Vec<(&str, u64, u64)> {
    let variants = media["variants"].as_array().unwrap().iter();
    variants.map(|v| (v["preset"].as_str().unwrap(), v["width"].as_u64().unwrap(), v["height"].as_u64().unwrap())).collect()
}

fn picture_at(site: &Site, url: &Value) -> RgbImage {
    let answer = site.get(url.as_str().unwrap());
    assert_eq!((answer.status, answer.header("content-type")), (200, "image/webp"), "{answer:?}");
    image::load_from_memory_with_format(&answer.body, ImageFormat::WebP).unwrap().to_rgb8()
}

#[test]
fn a_photo_is_there_in_every_size() {
    let site = Site::signed_in();
    let jpeg = jpeg_with_exif(&photo(2000, 1200), 6);
    let media = upload(&site, "Foto.jpg", &jpeg);
    assert_eq!((&media["width"], &media["height"]), (&json!(1200), &json!(2000)), "as it is shown");
    assert_eq!(media["variants_state"], "made", "{media}");
    assert_eq!(sizes(&media), [("thumb", 320, 320), ("small", 480, 800), ("medium", 960, 1600), ("large", 1200, 2000)]);
    for variant in media["variants"].as_array().unwrap() {
        let picture = picture_at(&site, &variant["url"]);
        assert_eq!((json!(picture.width()), json!(picture.height())), (variant["width"].clone(), variant["height"].clone()));
        let answer = site.get(variant["url"].as_str().unwrap());
        assert_eq!(answer.body.len() as u64, variant["size_bytes"].as_u64().unwrap());
        assert!(answer.header("cache-control").contains("immutable") && answer.header("content-security-policy").contains("sandbox"));
        assert!(!answer.body.windows(3).any(|part| part == b"GPS" || part == b"EXI"), "what a camera notes stays behind");
    }
    // In pages: every width, and no jump when it comes.
    let page = site.create_page("Home", &format!("![The lake]({}) ![x](https://example.com/x.png)", media["url"].as_str().unwrap()));
    site.publish(&page);
    let html = site.get("/api/v1/pages/home").json()["html"].as_str().unwrap().to_owned();
    let url = |index: usize| media["variants"][index]["url"].as_str().unwrap().to_owned();
    assert!(html.contains(&format!("srcset=\"{} 480w, {} 960w, {} 1200w\"", url(1), url(2), url(3))), "{html}");
    assert!(
        html.contains("width=\"1200\" height=\"2000\"") && html.contains("alt=\"The lake\"") && html.contains("sizes=\"auto, "),
        "{html}"
    );
    assert_eq!(html.matches("srcset").count(), 1, "{html}");
    // Addresses that are not quite right lead to the right one; sizes that nobody set are none.
    let plain = url(0).split('?').next().unwrap().to_owned();
    for path in [plain.clone(), format!("{plain}?v=000000000000")] {
        let answer = site.get(&path);
        assert_eq!((answer.status, answer.header("location"), answer.header("cache-control")), (302, url(0).as_str(), "no-cache"));
    }
    let hash = media["sha256"].as_str().unwrap();
    for wrong in ["9999", "thumb2", "320x320", "..%2f..%2f..%2fetc"] {
        site.get(&format!("/media/{hash}/{wrong}/Foto.webp")).check_problem(404, "media-not-found");
    }
    // Deleted with the file.
    let page_path = format!("/api/v1/admin/pages/{}", page["id"].as_str().unwrap());
    site.request(Method::DELETE, &page_path, &[("if-match", "*")], None);
    assert_eq!(site.delete(&format!("/api/v1/admin/trash/{}", page["id"].as_str().unwrap())).status, 204);
    assert_eq!(site.delete(&format!("/api/v1/admin/media/{}", media["id"].as_str().unwrap())).status, 204);
    site.get(&url(0)).check_problem(404, "media-not-found");
    assert_eq!(site.variant_files(), Vec::<std::path::PathBuf>::new());
    let noted = site.upload("noted.jpg", &jpeg_with_notes(&jpeg_with_exif(&photo(80, 60), 6), 300_000)).json();
    assert_eq!((&noted["width"], &noted["height"]), (&json!(60), &json!(80)), "behind many notes, too");
}

#[test]
fn the_focal_point_decides_what_a_crop_shows() {
    let site = Site::signed_in();
    // Red on the left, blue on the right.
    let halves = RgbImage::from_fn(1000, 400, |x, _| if x < 500 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) });
    let media = upload(&site, "halves.png", &encoded(&DynamicImage::ImageRgb8(halves), ImageFormat::Png));
    let thumb = |media: &Value| media["variants"].as_array().unwrap().iter().find(|v| v["preset"] == "thumb").unwrap()["url"].clone();
    let first = thumb(&media);
    let change = json!({ "name": "halves.png", "alt": "", "tags": [], "focal_point": { "x": 1, "y": 0.5 } });
    let path = format!("/api/v1/admin/media/{}", media["id"].as_str().unwrap());
    assert_eq!(site.put(&path, "\"1\"", &change).json()["variants_state"], "queued");
    let media = settled(&site, &media);
    assert_ne!(thumb(&media), first, "browsers that keep the former one ask anew");
    assert_eq!(site.get(first.as_str().unwrap()).header("location"), thumb(&media).as_str().unwrap());
    let picture = picture_at(&site, &thumb(&media));
    let Rgb([red, _, blue]) = *picture.get_pixel(5, 160);
    assert!(red < 40 && blue > 200, "{red} {blue}");
    assert_eq!(site.variant_files().len(), media["variants"].as_array().unwrap().len(), "the former ones are gone");
}

#[test]
fn what_is_not_worth_it_is_not_made() {
    let site = Site::signed_in();
    let drawn = RgbImage::from_fn(600, 600, |x, _| if x < 300 { Rgb([255, 255, 255]) } else { Rgb([10, 20, 30]) });
    let media = upload(&site, "drawn.png", &encoded(&DynamicImage::ImageRgb8(drawn), ImageFormat::Png));
    let original = media["size_bytes"].as_u64().unwrap();
    for variant in media["variants"].as_array().unwrap() {
        assert!(variant["cropped"] == true || variant["size_bytes"].as_u64().unwrap() < original, "{variant}");
    }
    let see_through = RgbaImage::from_fn(700, 500, |x, y| Rgba([200, 30, u8::try_from(y % 256).unwrap(), u8::try_from(x % 256).unwrap()]));
    let media = upload(&site, "glass.png", &encoded(&DynamicImage::ImageRgba8(see_through), ImageFormat::Png));
    let answer = site.get(media["variants"][0]["url"].as_str().unwrap());
    assert!(image::load_from_memory(&answer.body).unwrap().color().has_alpha());
    for (name, content) in
        [("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec()), ("a.txt", b"text".to_vec())]
    {
        let media = upload(&site, name, &content);
        assert_eq!((&media["variants_state"], &media["variants"]), (&json!("none"), &json!([])));
        assert_eq!(
            site.get(&format!("/media/{}/thumb/x.webp", media["sha256"].as_str().unwrap())).header("location"),
            media["url"].as_str().unwrap()
        );
    }
}

/// Notes of so many bytes, in the pieces that a JPEG has, before the picture.
fn jpeg_with_notes(jpeg: &[u8], size_bytes: usize) -> Vec<u8> {
    let note = [b"\xff\xe2\xff\xffICC_PROFILE\0\x01\xff".as_slice(), &[0; 65_519]].concat();
    [b"\xff\xd8".as_slice(), &note.repeat(size_bytes.div_ceil(note.len())), &jpeg[2..]].concat()
}

/// A picture with a colour profile of so many bytes.
fn webp_with_profile(picture: &DynamicImage, size_bytes: u32) -> Vec<u8> {
    let side = |pixels: u32| (pixels - 1).to_le_bytes()[..3].to_vec();
    let size = [side(picture.width()), side(picture.height())].concat();
    let profile = vec![0; size_bytes as usize];
    let plain = encoded(picture, ImageFormat::WebP);
    let body = [b"WEBPVP8X\x0a\0\0\0\x20\0\0\0".as_slice(), &size, b"ICCP", &size_bytes.to_le_bytes(), &profile, &plain[12..]].concat();
    [b"RIFF".as_slice(), &u32::try_from(body.len()).unwrap().to_le_bytes(), &body].concat()
}

#[test]
fn pictures_that_are_bombs_go_off_nowhere() {
    let site = Site::with(&[("MAGNETIQ__MEDIA__PICTURE_MEMORY_BYTES", "8388608")]);
    site.sign_in();
    let mut vast = png_head(50_000, 50_000);
    vast.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e\0\0\0\0IEND\xaeB`\x82");
    let whole = jpeg_with_exif(&photo(800, 600), 1);
    let mut lying = whole.clone();
    let frame = lying.windows(2).rposition(|marker| marker == b"\xff\xc0").unwrap();
    lying[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xdc, 0xff, 0xdc]);
    let gif_head = b"GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\xff\xff\xff\xff\0\x02\x02D\x01\0;".to_vec();
    let deep = DynamicImage::ImageRgba16(image::ImageBuffer::from_pixel(1200, 1000, image::Rgba([1, 2, 3, 4])));
    for (name, content) in [
        ("vast.png", vast),
        ("lying.jpg", lying),
        ("cut-off.jpg", whole[..whole.len() / 2].to_vec()),
        ("cut-off.png", encoded(&photo(300, 300), ImageFormat::Png)[..5000].to_vec()),
        ("vast.gif", gif_head),
        ("deep.png", encoded(&deep, ImageFormat::Png)),
        ("notes.jpg", jpeg_with_notes(&whole, 9 << 20)),
        ("profile.webp", webp_with_profile(&photo(80, 60), 9 << 20)),
    ] {
        let media = upload(&site, name, &content);
        assert_eq!((&media["variants_state"], &media["variants"]), (&json!("failed"), &json!([])), "{name}");
        let reason = media["variants_reason"].as_str().unwrap();
        assert!(reason.len() > 20 && !reason.contains('/'), "{name}: {reason}");
        assert_eq!(site.get(media["url"].as_str().unwrap()).body, content, "{name}: visitors get the file itself");
        let thumb = site.get(&format!("/media/{}/thumb/x.webp", media["sha256"].as_str().unwrap()));
        assert_eq!((thumb.status, thumb.header("location")), (302, media["url"].as_str().unwrap()));
        let page = site.create_page(name, &format!("![x]({})", media["url"].as_str().unwrap()));
        assert!(!page["html"].as_str().unwrap().contains("srcset"), "{page}");
    }
    assert_eq!(site.get("/api/v1/admin/media/summary").json()["failed_files"], 8);
    assert_eq!(site.variant_files(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_size_that_can_not_be_costs_no_other() {
    let site = Site::with(&[("MAGNETIQ__MEDIA__PRESETS", "small=100,large=200,card=50x50")]);
    site.sign_in();
    let media = upload(&site, "tower.png", &encoded(&photo(120, 17_000), ImageFormat::Png));
    assert_eq!((&media["variants_state"], &media["height"]), (&json!("made"), &json!(17_000)), "{media}");
    assert_eq!(sizes(&media), [("card", 50, 50), ("small", 100, 14_167)]);
    assert!(media["variants_reason"].as_str().unwrap().contains("16,383"), "{media}");
}

#[test]
fn what_the_machine_can_not_do_is_tried_again() {
    let site = Site::signed_in();
    let content = encoded(&photo(700, 500), ImageFormat::Png);
    let media = upload(&site, "photo.png", &content);
    let file = site.media_files().remove(0);
    let presets = [("MAGNETIQ__MEDIA__PRESETS", "small=300")];
    let site = site.restarted_after(&presets, |_| std::fs::remove_file(&file).unwrap());
    let failed = wait_for(&site, &media, |media| media["variants_state"] == "failed");
    assert!(failed["variants_reason"].as_str().unwrap().starts_with("The file cannot be read: "), "{failed}");
    // It is looked for anew after a start. A link to itself can't be opened, and is not missing: that is not the fault of the picture.
    let site = site.restarted_after(&presets, |_| std::os::unix::fs::symlink(&file, &file).unwrap());
    site.pass_time(601);
    until_health(&site, "pictures", &["{\"status\":\"warn\""]);
    assert_eq!(wait_for(&site, &media, |_| true)["variants_state"], "queued");
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&file, &content).unwrap();
    wait_for(&site, &media, |media| media["variants_state"] == "made" && sizes(media) == [("small", 300, 214)]);
}

#[test]
fn what_moves_stands_still_in_a_crop_only() {
    let site = Site::signed_in();
    let mut gif = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut gif, 30);
    for n in 0..3_000_u32 {
        let frame = RgbaImage::from_pixel(24, 16, Rgba([u8::try_from(n % 256).unwrap(), 90, 20, 255]));
        encoder.encode_frame(Frame::from_parts(frame, 0, 0, Delay::from_numer_denom_ms(10, 1))).unwrap();
    }
    drop(encoder);
    let media = upload(&site, "many.gif", &gif);
    assert_eq!(sizes(&media), [("thumb", 16, 16)], "{media}");
    assert_eq!(media["variants_reason"], "It moves: pages show the file itself.");
    let page = site.create_page("Moving", &format!("![x]({})", media["url"].as_str().unwrap()));
    let html = page["html"].as_str().unwrap();
    assert!(!html.contains("srcset") && html.contains("width=\"24\" height=\"16\""), "{html}");
}

#[test]
fn the_queue_is_watched() {
    let site = Site::signed_in();
    upload(&site, "photo.png", &encoded(&photo(700, 500), ImageFormat::Png));
    upload(&site, "cut-off.png", &encoded(&photo(300, 300), ImageFormat::Png)[..5000]);
    let failed = |count: u8| {
        format!("\"pictures:failed\":[{{\"componentId\":\"pictures\",\"componentType\":\"component\",\"observedValue\":{count},")
    };
    until_health(&site, "pictures", &["{\"status\":\"pass\"", &failed(1)]);
    let metrics = site.get("/metrics").text();
    for line in ["magnetiq_pictures_made_total 1", "magnetiq_pictures_refused_total 1"] {
        assert!(metrics.lines().any(|known| known == line), "{line}: {metrics}");
    }
    // Nothing can be put in place any more.
    let variants = site.folder.path().join("media/variants");
    std::fs::remove_dir_all(&variants).unwrap();
    std::fs::write(&variants, "in the way").unwrap();
    assert_eq!(site.upload("later.png", &encoded(&photo(701, 500), ImageFormat::Png)).status, 201);
    site.pass_time(601);
    until_health(&site, "pictures", &["{\"status\":\"warn\""]);
    std::fs::remove_file(&variants).unwrap();
    until_health(&site, "pictures", &["{\"status\":\"pass\""]);
}

#[test]
fn the_queue_goes_on_after_a_restart() {
    let site = Site::signed_in();
    let media = upload(&site, "photo.png", &encoded(&photo(700, 500), ImageFormat::Png));
    assert_eq!(sizes(&media), [("thumb", 320, 320), ("small", 480, 343), ("medium", 700, 500)]);
    let dangerous = upload(&site, "dangerous.png", &encoded(&photo(701, 500), ImageFormat::Png));
    // It ended the server three times.
    let id = dangerous["id"].as_str().unwrap().to_owned();
    let queued = "UPDATE media SET variants = 'queued', variants_attempts = 3 WHERE id = ?";
    site.store.write(move |tx| Ok(tx.execute(queued, [id])?)).wait().unwrap();
    let failed = settled(&site, &dangerous);
    assert_eq!((&failed["variants_state"], &failed["variants"]), (&json!("failed"), &json!([])));
    assert!(failed["variants_reason"].as_str().unwrap().contains("3 times"), "{failed}");

    // Other presets, a file that is gone, one that nobody knows.
    let presets = [("MAGNETIQ__MEDIA__PRESETS", "small=300,card=400x200")];
    let site = site.restarted_after(&presets, |folder| {
        std::fs::create_dir_all(folder.join("media/variants/ab").join("c".repeat(62))).unwrap();
        std::fs::write(folder.join("media/variants/ab").join("c".repeat(62)).join("small-0.webp"), "left").unwrap();
    });
    let media = wait_for(&site, &media, |media| sizes(media) == [("small", 300, 214), ("card", 400, 200)]);
    assert_eq!(
        sizes(&wait_for(&site, &dangerous, |media| media["variants_state"] == "made")).len(),
        2,
        "with other presets it is tried again"
    );
    assert_eq!(site.variant_files().len(), 4, "{:?}", site.variant_files());
    site.get(&format!("/media/{}/thumb/photo.webp", media["sha256"].as_str().unwrap())).check_problem(404, "media-not-found");

    let url = media["variants"][0]["url"].as_str().unwrap().to_owned();
    let lost = site.restarted_after(&presets, |folder| std::fs::remove_dir_all(folder.join("media/variants")).unwrap());
    for _ in 0..6000 {
        if lost.get(&url).status == 200 {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(lost.get(&url).status, 200, "what a restore does not bring is made again");
    // One that vanishes while the server runs: visitors get the file itself, and it is made again.
    std::fs::remove_dir_all(lost.folder.path().join("media/variants")).unwrap();
    assert_eq!(lost.get(&url).header("location"), media["url"].as_str().unwrap());
    settled(&lost, &media);
    assert_eq!(lost.get(&url).status, 200);
}

fn wait_for(site: &Site, media: &Value, is: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..6000 {
        let media = site.get(&format!("/api/v1/admin/media/{}", media["id"].as_str().unwrap())).json();
        if is(&media) {
            return media;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("it stays as it is: {media}");
}
