//! Which part of a picture becomes how large. Nothing is enlarged.

use magnetiq_config::Preset;

use crate::media::FocalPoint;

/// Width and height in pixels.
pub(crate) type Size = (u32, u32);

/// One picture to be made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cut {
    /// The part of the original that is shown: left, top, width, height, each from 0 to 1.
    pub(crate) part: [f64; 4],
    /// What it becomes.
    pub(crate) size: Size,
    pub(crate) cropped: bool,
}

/// What each preset makes of a picture of this size. Where the whole of it is not wider than a preset, the first such makes it as wide as
/// it is, and the larger ones make nothing. One that moves stands still in cropped pictures only.
pub(crate) fn cuts(presets: &[Preset], original: Size, focal: FocalPoint, moves: bool) -> Vec<(Preset, Cut)> {
    let mut whole: Vec<&Preset> = presets.iter().filter(|preset| preset.height.is_none() && !moves).collect();
    whole.sort_by_key(|preset| preset.width);
    let needed = whole.iter().take_while(|preset| preset.width < original.0).count() + 1;
    let whole = whole.into_iter().take(needed).map(|preset| (preset.clone(), fit(original, preset.width)));
    let cropped = presets.iter().filter_map(|preset| Some((preset.clone(), crop(original, (preset.width, preset.height?), focal))));
    whole.chain(cropped).collect()
}

fn fit((width, height): Size, wanted: u32) -> Cut {
    let wanted = wanted.min(width);
    let size = (wanted, rounded(f64::from(height) * f64::from(wanted) / f64::from(width)));
    Cut { part: [0.0, 0.0, 1.0, 1.0], size, cropped: false }
}

/// The largest part of the wanted shape, as near around the focal point as it goes.
fn crop((width, height): Size, (wanted_width, wanted_height): Size, focal: FocalPoint) -> Cut {
    let (width, height) = (f64::from(width), f64::from(height));
    let (wanted_width, wanted_height) = (f64::from(wanted_width), f64::from(wanted_height));
    let scale = (wanted_width / width).max(wanted_height / height);
    let (part_width, part_height) = ((wanted_width / scale / width).min(1.0), (wanted_height / scale / height).min(1.0));
    let start = |focal: f64, part: f64| (focal - part / 2.0).clamp(0.0, (1.0 - part).max(0.0));
    let shrink = if scale > 1.0 { 1.0 / scale } else { 1.0 };
    Cut {
        part: [start(focal.x, part_width), start(focal.y, part_height), part_width, part_height],
        size: (rounded(wanted_width * shrink), rounded(wanted_height * shrink)),
        cropped: true,
    }
}

/// How much smaller than the original a picture may be read, so that no cut has to be enlarged: from 0 to 1.
pub(crate) fn needed_scale(cuts: &[(Preset, Cut)], original: Size) -> f64 {
    let needed = |cut: &Cut| {
        let (width, height) = (cut.part[2] * f64::from(original.0), cut.part[3] * f64::from(original.1));
        (f64::from(cut.size.0) / width).max(f64::from(cut.size.1) / height)
    };
    cuts.iter().map(|(_, cut)| needed(cut)).fold(0.0, f64::max).min(1.0)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to what a picture has")]
fn rounded(pixels: f64) -> u32 {
    (pixels.round() as u32).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn presets() -> Vec<Preset> {
        let preset = |name: &str, width, height| Preset { name: name.to_owned(), width, height };
        vec![preset("large", 1600, None), preset("small", 480, None), preset("thumb", 320, Some(320))]
    }

    fn check(original: Size, focal: (f64, f64), moves: bool, expected: &[(&str, [f64; 4], Size)]) {
        let cuts = cuts(&presets(), original, FocalPoint { x: focal.0, y: focal.1 }, moves);
        let cuts: Vec<_> = cuts.iter().map(|(preset, cut)| (preset.name.as_str(), cut.part, cut.size)).collect();
        assert_eq!(cuts, expected, "{original:?} {focal:?}");
    }

    const WHOLE: [f64; 4] = [0.0, 0.0, 1.0, 1.0];

    #[test]
    fn each_preset_makes_what_it_says_and_enlarges_nothing() {
        let large = [("small", WHOLE, (480, 240)), ("large", WHOLE, (1600, 800)), ("thumb", [0.25, 0.0, 0.5, 1.0], (320, 320))];
        check((4000, 2000), (0.5, 0.5), false, &large);
        let left = [("small", WHOLE, (480, 240)), ("large", WHOLE, (1600, 800)), ("thumb", [0.0, 0.0, 0.5, 1.0], (320, 320))];
        check((4000, 2000), (0.0, 0.9), false, &left);
        check(
            (1000, 1000),
            (0.5, 0.5),
            false,
            &[("small", WHOLE, (480, 480)), ("large", WHOLE, (1000, 1000)), ("thumb", WHOLE, (320, 320))],
        );
        check((480, 480), (0.5, 0.5), false, &[("small", WHOLE, (480, 480)), ("thumb", WHOLE, (320, 320))]);
        check((100, 200), (0.5, 1.0), false, &[("small", WHOLE, (100, 200)), ("thumb", [0.0, 0.5, 1.0, 0.5], (100, 100))]);
        check((1000, 1000), (0.5, 0.5), true, &[("thumb", WHOLE, (320, 320))]);
        check((1, 30_000), (0.5, 0.5), true, &[("thumb", [0.0, 0.49998333333333334, 1.0, 1.0 / 30_000.0], (1, 1))]);
    }

    #[test]
    fn a_picture_is_read_as_small_as_it_may_be() {
        let scale = |original: Size| {
            let focal = FocalPoint { x: 0.5, y: 0.5 };
            needed_scale(&cuts(&presets(), original, focal, false), original)
        };
        assert_eq!(scale((3200, 1600)), 0.5);
        assert_eq!(scale((16_000, 400)), 0.8, "the thumb needs its height");
        assert_eq!(scale((100, 100)), 1.0);
    }
}
