//! Our own icon, drawn: a padlock in the middle of a hub with three spokes, in white on blue.
//!
//! Every shape is its signed distance, negative inside; where it crosses a pixel, the distance is how much of it is
//! covered. The square is filled to its edges because a Home Screen rounds the corners itself and shows black where a
//! picture is clear. Nothing but sums, products and square roots is used, which are the same on every machine.

use png::{BitDepth, ColorType, Encoder};

/// The icon as PNG.
pub(super) fn png() -> Vec<u8> {
    let mut png = Vec::new();
    let mut encoder = Encoder::new(&mut png, SIDE, SIDE);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels()));
    // Writing to memory fails only where the pixels do not fit the header.
    debug_assert!(written.is_ok());
    png
}

/// A place in the square, whose sides are 1 long; y goes down.
#[derive(Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
}

type Colour = [f64; 3];

fn pixels() -> Vec<u8> {
    let middle = |pixel: u32| (f64::from(pixel) + 0.5) / f64::from(SIDE);
    let points = (0..SIDE).flat_map(|row| (0..SIDE).map(move |column| Point { x: middle(column), y: middle(row) }));
    points.flat_map(|point| colour_at(point).map(|part| part.round() as u8)).collect()
}

fn colour_at(point: Point) -> Colour {
    let ground = blend(TOP, BOTTOM, point.y);
    let lock = padlock(point);
    let mut colour = blend(ground, WHITE, covered(spokes(point)));
    // A seam of the ground keeps the spokes off the padlock.
    colour = blend(colour, ground, covered(lock - SEAM));
    colour = blend(colour, WHITE, covered(lock));
    blend(colour, ground, covered(keyhole(point)))
}

/// The three spokes and what is at their ends.
fn spokes(point: Point) -> f64 {
    let distances = ENDS.map(|end| line(point, CENTRE, end, SPOKE).min(disc(point, end, END)));
    distances.into_iter().fold(f64::INFINITY, f64::min)
}

fn padlock(point: Point) -> f64 {
    let body = rounded_box(point, Point { x: 0.5, y: 0.545 }, 0.135, 0.105, 0.032);
    // The shackle: the upper half of a ring, and its two legs down into the body.
    let (bow, legs) = (Point { x: 0.5, y: 0.415 }, 0.46);
    let dx = (point.x - bow.x).abs();
    let ring = if point.y < bow.y {
        (length(dx, point.y - bow.y) - SHACKLE).abs() - BAR
    } else {
        length((dx - SHACKLE).abs(), (point.y - legs).max(0.0)) - BAR
    };
    body.min(ring)
}

fn keyhole(point: Point) -> f64 {
    let top = Point { x: 0.5, y: 0.53 };
    disc(point, top, 0.027).min(line(point, top, Point { x: 0.5, y: 0.582 }, 0.012))
}

fn disc(point: Point, centre: Point, radius: f64) -> f64 {
    length(point.x - centre.x, point.y - centre.y) - radius
}

/// A stroke with round ends.
fn line(point: Point, from: Point, to: Point, half_width: f64) -> f64 {
    let (along_x, along_y) = (to.x - from.x, to.y - from.y);
    let (x, y) = (point.x - from.x, point.y - from.y);
    let share = ((x * along_x + y * along_y) / (along_x * along_x + along_y * along_y)).clamp(0.0, 1.0);
    length(x - along_x * share, y - along_y * share) - half_width
}

fn rounded_box(point: Point, centre: Point, half_width: f64, half_height: f64, radius: f64) -> f64 {
    let x = (point.x - centre.x).abs() - half_width + radius;
    let y = (point.y - centre.y).abs() - half_height + radius;
    length(x.max(0.0), y.max(0.0)) + x.max(y).min(0.0) - radius
}

fn length(x: f64, y: f64) -> f64 {
    (x * x + y * y).sqrt()
}

/// How much of a pixel a shape covers whose edge is at this distance from its middle.
fn covered(distance: f64) -> f64 {
    (0.5 - distance * f64::from(SIDE)).clamp(0.0, 1.0)
}

fn blend(from: Colour, to: Colour, share: f64) -> Colour {
    let [red, green, blue] = from;
    let [to_red, to_green, to_blue] = to;
    [red + (to_red - red) * share, green + (to_green - green) * share, blue + (to_blue - blue) * share]
}

/// An iPhone with three pixels to a point shows an icon of 60 points.
const SIDE: u32 = 180;
const TOP: Colour = [56.0, 152.0, 236.0];
const BOTTOM: Colour = [24.0, 66.0, 158.0];
const WHITE: Colour = [255.0, 255.0, 255.0];
const CENTRE: Point = Point { x: 0.5, y: 0.5 };
/// 0.335 from the centre, at 30, 150 and 270 degrees.
const ENDS: [Point; 3] =
    [Point { x: 0.790_1, y: 0.332_5 }, Point { x: 0.209_9, y: 0.332_5 }, Point { x: 0.5, y: 0.835 }];
const SPOKE: f64 = 0.019;
const END: f64 = 0.068;
const SEAM: f64 = 0.036;
/// The radius of the padlock's bow, and half the width of its bar.
const SHACKLE: f64 = 0.082;
const BAR: f64 = 0.021;
