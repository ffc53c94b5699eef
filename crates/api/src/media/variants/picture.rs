//! One picture: read within limits, made smaller, written as WebP. What it knew of camera and place stays behind.

use std::{
    fs::File,
    io::{BufReader, Read, Seek},
    path::Path,
};

use fast_image_resize as resize;
use image::{
    AnimationDecoder, ColorType, DynamicImage, ImageBuffer, ImageDecoder, RgbImage,
    codecs::{gif::GifDecoder, png::PngDecoder, webp::WebPDecoder},
    metadata::Orientation,
};
use img_parts::ImageICC;

use super::{
    Limits, Recipe,
    plan::{self, Cut, Size},
};
use crate::media::FocalPoint;

/// Larger profiles are those of printing presses.
const PROFILE_MAX: usize = 64 * 1024;
/// Where a picture says how large it is and which way is up. Notes of strangers may go on for the whole of a file, and would be held in memory.
const HEAD_BYTES: u64 = 2 * 1024 * 1024;
/// WebP has no more pixels on a side.
const SIDE_MAX: u32 = 16_383;
const TOO_LARGE: &str = "It is too large to be read: see media.picture_memory_bytes.";

/// A smaller picture.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) preset: String,
    pub(crate) version: String,
    pub(crate) size: Size,
    pub(crate) cropped: bool,
    pub(crate) webp: Vec<u8>,
}

/// What became of a picture.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// As it is shown.
    pub(crate) size: Size,
    pub(crate) made: Vec<Made>,
    /// Why there is less than the presets say.
    pub(crate) reason: Option<&'static str>,
}

/// A picture in memory: three or four bytes for each pixel.
struct Picture {
    pixels: DynamicImage,
    /// Its size in the file, as it is shown: it may have been read smaller.
    original: Size,
    profile: Option<Vec<u8>>,
    moves: bool,
}

/// Makes of a picture what a recipe says. It is as large in memory as the limits allow.
///
/// # Errors
///
/// Why nothing can be made of it, in words.
pub(crate) fn make(file: File, media_type: &str, focal: FocalPoint, recipe: &Recipe) -> Result<Outcome, String> {
    let size_bytes = file.metadata().map_or(u64::MAX, |about| about.len());
    // Their decoders hold every note and profile, whatever the limits say: as much as the file has.
    if matches!(media_type, "image/jpeg" | "image/webp") && size_bytes > recipe.limits.memory_bytes {
        return Err(TOO_LARGE.into());
    }
    let mut input = BufReader::new(file);
    let picture = match media_type {
        "image/jpeg" => read_jpeg(&mut input, focal, recipe)?,
        "image/png" => {
            let decoder = PngDecoder::with_limits(input, decoder_limits(recipe.limits)).map_err(unreadable)?;
            let moves = decoder.is_apng().unwrap_or_default();
            read(decoder, recipe.limits, moves)?
        }
        "image/webp" => {
            let decoder = WebPDecoder::new(input).map_err(unreadable)?;
            let moves = decoder.has_animation();
            read(decoder, recipe.limits, moves)?
        }
        "image/gif" => read_gif(input, recipe.limits)?,
        other => return Err(format!("Pictures of the kind {other} are not read.")),
    };
    let mut cuts = plan::cuts(&recipe.presets, picture.original, focal, picture.moves);
    let planned = cuts.len();
    cuts.retain(|(_, cut)| cut.size.0.max(cut.size.1) <= SIDE_MAX);
    let mut made = Vec::with_capacity(cuts.len());
    let mut resizer = resize::Resizer::new();
    let is_photo = media_type == "image/jpeg";
    for (preset, cut) in &cuts {
        let smaller = scale(&mut resizer, &picture.pixels, cut)?;
        let webp = encode(&smaller, recipe.quality, is_photo, picture.profile.as_deref())?;
        // A picture that is drawn well is smaller than what would be made of it.
        if cut.cropped || (webp.len() as u64) < size_bytes {
            let (preset, version) = (preset.name.clone(), recipe.version(preset, focal));
            made.push(Made { preset, version, size: cut.size, cropped: cut.cropped, webp });
        }
    }
    let reason = if picture.moves {
        Some("It moves: pages show the file itself.")
    } else if cuts.len() < planned {
        Some("In some sizes a side would have more than 16,383 pixels, which WebP does not have.")
    } else if made.len() < cuts.len() {
        Some("In some sizes the file itself is smaller.")
    } else {
        None
    };
    Ok(Outcome { size: picture.original, made, reason })
}

/// Width and height as browsers show it: cameras say in a note which way is up. None where that does not stand at the beginning of the file.
pub(crate) fn size(path: &Path, media_type: &str) -> Option<Size> {
    // Few need more than the first, and all that come at this moment are in memory together.
    [HEAD_BYTES / 16, HEAD_BYTES].into_iter().find_map(|bytes| size_within(path, media_type, bytes))
}

fn size_within(path: &Path, media_type: &str, head_bytes: u64) -> Option<Size> {
    let mut head = Vec::new();
    File::open(path).ok()?.take(head_bytes).read_to_end(&mut head).ok()?;
    let size = imagesize::blob_size(&head).ok()?;
    let (width, height) = (u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?);
    let mut turned = false;
    if media_type == "image/jpeg" {
        let mut decoder = jpeg_decoder::Decoder::new(&head[..]);
        match decoder.read_info() {
            Ok(()) => turned = is_turned(orientation(&decoder)),
            // It may end within what says so.
            Err(_) if head_bytes < HEAD_BYTES => return None,
            Err(_) => {}
        }
    }
    let (width, height) = if turned { (height, width) } else { (width, height) };
    (width > 0 && height > 0).then_some((width, height))
}

fn unreadable(error: image::ImageError) -> String {
    match error {
        image::ImageError::Limits(_) => TOO_LARGE.into(),
        error => shortened(&format!("It is damaged, or of a kind that is not read: {error}.")),
    }
}

/// What a decoder says may come from the file.
fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

fn check(limits: Limits, (width, height): Size, memory_bytes: u64) -> Result<(), String> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels > limits.pixels {
        return Err(format!(
            "It has {width} x {height} pixels, and more than {} are not read (media.picture_limit_pixels).",
            limits.pixels
        ));
    }
    if memory_bytes > limits.memory_bytes {
        let mib = |bytes: u64| bytes.div_ceil(1024 * 1024);
        return Err(format!(
            "It would take {} MiB of memory, and {} are given (media.picture_memory_bytes).",
            mib(memory_bytes),
            mib(limits.memory_bytes)
        ));
    }
    Ok(())
}

fn decoder_limits(limits: Limits) -> image::Limits {
    let mut decoder = image::Limits::no_limits();
    decoder.max_alloc = Some(limits.memory_bytes);
    decoder
}

fn orientation<R: Read>(decoder: &jpeg_decoder::Decoder<R>) -> Orientation {
    decoder.exif_data().and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms)
}

fn is_turned(orientation: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}

/// Reads a photo no larger than it is needed: its encoding has it in halves, quarters and eighths.
fn read_jpeg(input: &mut (impl Read + Seek), focal: FocalPoint, recipe: &Recipe) -> Result<Picture, String> {
    let damaged = |error: jpeg_decoder::Error| shortened(&format!("It is damaged, or of a kind that is not read: {error}."));
    let mut decoder = jpeg_decoder::Decoder::new(input);
    decoder.read_info().map_err(damaged)?;
    let info = decoder.info().ok_or("It has no picture.")?;
    let (width, height) = (info.width, info.height);
    check(recipe.limits, (width.into(), height.into()), 0)?;
    let orientation = orientation(&decoder);
    let original = if is_turned(orientation) { (height.into(), width.into()) } else { (width.into(), height.into()) };
    let needed = plan::needed_scale(&plan::cuts(&recipe.presets, original, focal, false), original);
    let (read_width, read_height) = decoder.scale(scaled(width, needed), scaled(height, needed)).map_err(damaged)?;
    let (all, read) = (u64::from(width) * u64::from(height), u64::from(read_width) * u64::from(read_height));
    let channels = info.pixel_format.pixel_bytes() as u64;
    // A progressive one has to be held whole before it can be read smaller: two bytes for each value.
    let whole = if info.coding_process == jpeg_decoder::CodingProcess::DctProgressive { all * channels * 2 } else { 0 };
    check(recipe.limits, (read_width.into(), read_height.into()), whole + read * channels * 2)?;
    let bytes = decoder.decode().map_err(damaged)?;
    let info = decoder.info().ok_or("It has no picture.")?;
    let (width, height) = (info.width.into(), info.height.into());
    let mut pixels = match info.pixel_format {
        jpeg_decoder::PixelFormat::L8 => ImageBuffer::from_raw(width, height, bytes).map(DynamicImage::ImageLuma8),
        jpeg_decoder::PixelFormat::RGB24 => RgbImage::from_raw(width, height, bytes).map(DynamicImage::ImageRgb8),
        jpeg_decoder::PixelFormat::CMYK32 => RgbImage::from_raw(width, height, from_cmyk(&bytes)).map(DynamicImage::ImageRgb8),
        jpeg_decoder::PixelFormat::L16 => None,
    }
    .ok_or("Pictures of this kind of JPEG are not read.")?;
    pixels.apply_orientation(orientation);
    let profile = usable_profile(decoder.icc_profile(), &pixels);
    Ok(Picture { pixels: plain(pixels), original, profile, moves: false })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to the length itself")]
fn scaled(length: u16, scale: f64) -> u16 {
    ((f64::from(length) * scale).ceil() as u16).clamp(1, length)
}

/// What a press prints, roughly: without its profile no screen knows better.
fn from_cmyk(bytes: &[u8]) -> Vec<u8> {
    let mix = |ink: u8, black: u8| u8::try_from(u16::from(255 - ink) * u16::from(255 - black) / 255).unwrap_or(u8::MAX);
    bytes.as_chunks::<4>().0.iter().flat_map(|[c, m, y, k]| [mix(*c, *k), mix(*m, *k), mix(*y, *k)]).collect()
}

/// Reads the first picture of what `image` knows.
fn read(mut decoder: impl ImageDecoder, limits: Limits, moves: bool) -> Result<Picture, String> {
    let size = decoder.dimensions();
    let pixels = u64::from(size.0) * u64::from(size.1);
    let color = decoder.color_type();
    let channels: u64 = if color.has_alpha() { 4 } else { 3 };
    // Beside what is read: a copy with 8 bits, and with alpha one more while it is made smaller.
    let copies = u64::from(!matches!(color, ColorType::Rgb8 | ColorType::Rgba8)) + u64::from(color.has_alpha());
    check(limits, size, decoder.total_bytes().saturating_add(pixels * channels * copies))?;
    decoder.set_limits(decoder_limits(limits)).map_err(unreadable)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    // One that is not used is not held while the pixels are.
    let profile = decoder.icc_profile().unwrap_or_default().filter(|profile| profile.len() <= PROFILE_MAX);
    let mut pixels = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    pixels.apply_orientation(orientation);
    let profile = usable_profile(profile, &pixels);
    let original = (pixels.width(), pixels.height());
    Ok(Picture { pixels: plain(pixels), original, profile, moves })
}

/// The first picture, and whether there is a second: however many there are, no more is read.
fn read_gif(input: impl std::io::BufRead + Seek, limits: Limits) -> Result<Picture, String> {
    let mut decoder = GifDecoder::new(input).map_err(unreadable)?;
    let size = decoder.dimensions();
    // Two pictures, and a copy while one is made smaller.
    check(limits, size, u64::from(size.0) * u64::from(size.1) * 4 * 3)?;
    decoder.set_limits(decoder_limits(limits)).map_err(unreadable)?;
    let mut frames = decoder.into_frames();
    let first = frames.next().ok_or("It has no picture.")?.map_err(unreadable)?;
    let moves = frames.next().is_some();
    drop(frames);
    let pixels = plain(DynamicImage::ImageRgba8(first.into_buffer()));
    Ok(Picture { pixels, original: size, profile: None, moves })
}

/// With alpha only where something shines through.
fn plain(pixels: DynamicImage) -> DynamicImage {
    if !pixels.color().has_alpha() {
        return DynamicImage::ImageRgb8(pixels.into_rgb8());
    }
    let pixels = pixels.into_rgba8();
    if pixels.pixels().all(|pixel| pixel.0[3] == u8::MAX) {
        return DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(pixels).into_rgb8());
    }
    DynamicImage::ImageRgba8(pixels)
}

/// The profile where it says how to show these colours, and not what everybody takes for granted.
fn usable_profile(profile: Option<Vec<u8>>, pixels: &DynamicImage) -> Option<Vec<u8>> {
    let is_of_screens = |profile: &[u8]| profile.get(16..20) == Some(b"RGB ");
    let wide: Vec<u8> = "sRGB".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let is_usual = |profile: &[u8]| profile.windows(4).any(|part| part == b"sRGB") || profile.windows(8).any(|part| part == wide);
    profile.filter(|profile| profile.len() <= PROFILE_MAX && is_of_screens(profile) && !is_usual(profile) && pixels.color().has_color())
}

fn scale(resizer: &mut resize::Resizer, pixels: &DynamicImage, cut: &Cut) -> Result<DynamicImage, String> {
    let kind = if pixels.color().has_alpha() { resize::PixelType::U8x4 } else { resize::PixelType::U8x3 };
    let failed = |error: &dyn std::error::Error| format!("It could not be made smaller: {error}.");
    let source = resize::images::ImageRef::new(pixels.width(), pixels.height(), pixels.as_bytes(), kind).map_err(|error| failed(&error))?;
    let (width, height) = cut.size;
    let mut smaller = resize::images::Image::new(width, height, kind);
    let (all_width, all_height) = (f64::from(pixels.width()), f64::from(pixels.height()));
    let [left, top, part_width, part_height] = cut.part;
    let options = resize::ResizeOptions::new().resize_alg(resize::ResizeAlg::Convolution(resize::FilterType::Lanczos3)).crop(
        left * all_width,
        top * all_height,
        part_width * all_width,
        part_height * all_height,
    );
    resizer.resize(&source, &mut smaller, &options).map_err(|error| failed(&error))?;
    let bytes = smaller.into_vec();
    let made = match kind {
        resize::PixelType::U8x4 => ImageBuffer::from_raw(width, height, bytes).map(DynamicImage::ImageRgba8),
        _ => ImageBuffer::from_raw(width, height, bytes).map(DynamicImage::ImageRgb8),
    };
    Ok(made.expect("a resized picture has as many bytes as its size says"))
}

/// As WebP: with losses, or without where that is smaller, as with what is drawn.
fn encode(pixels: &DynamicImage, quality: u8, is_photo: bool, profile: Option<&[u8]>) -> Result<Vec<u8>, String> {
    let (bytes, width, height) = (pixels.as_bytes(), pixels.width(), pixels.height());
    let layout = if pixels.color().has_alpha() { webp::PixelLayout::Rgba } else { webp::PixelLayout::Rgb };
    let encoder = webp::Encoder::new(bytes, layout, width, height);
    let failed = |error: webp::WebPEncodingError| format!("It could not be written as WebP: {error:?}.");
    let mut best = encoder.encode_simple(false, f32::from(quality)).map_err(failed)?.to_vec();
    if !is_photo {
        let lossless = encoder.encode_simple(true, 75.0).map_err(failed)?;
        if lossless.len() < best.len() {
            best = lossless.to_vec();
        }
    }
    let Some(profile) = profile else { return Ok(best) };
    let failed = |error: img_parts::Error| format!("Its colour profile could not be written: {error}.");
    let mut webp = img_parts::webp::WebP::from_bytes(best.into()).map_err(failed)?;
    webp.set_icc_profile(Some(profile.to_vec().into()));
    Ok(webp.encoder().bytes().to_vec())
}
