/** Which part of a picture is seen, and how large. Pure: pixels of the picture and of the screen. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Viewport {
  /** Screen pixels a picture pixel. */
  readonly scale: number;
  /** Where the picture's upper left corner lies on the screen. */
  readonly x: number;
  readonly y: number;
}

/** Beyond this a weight is larger than a finger. */
const MAX_SCALE = 48;

/** The whole picture, in the middle. */
export function fit(picture: Size, screen: Size): Viewport {
  const scale = fitScale(picture, screen);
  return {
    scale,
    x: (screen.width - picture.width * scale) / 2,
    y: (screen.height - picture.height * scale) / 2,
  };
}

function fitScale(picture: Size, screen: Size): number {
  return Math.min(screen.width / picture.width, screen.height / picture.height);
}

/** Larger by `factor`, while the point `at` stays where it is. */
export function zoomAt(viewport: Viewport, factor: number, at: Point, sizes: Sizes): Viewport {
  const least = fitScale(sizes.picture, sizes.screen);
  const scale = Math.min(Math.max(MAX_SCALE, least), Math.max(least, viewport.scale * factor));
  const by = scale / viewport.scale;
  return within({ scale, x: at.x - (at.x - viewport.x) * by, y: at.y - (at.y - viewport.y) * by }, sizes);
}

export function pan(viewport: Viewport, by: Point, sizes: Sizes): Viewport {
  return within({ ...viewport, x: viewport.x + by.x, y: viewport.y + by.y }, sizes);
}

export interface Sizes {
  readonly picture: Size;
  readonly screen: Size;
}

/** The same part of the picture on a screen of another size. */
export function resized(viewport: Viewport, before: Size, { picture, screen }: Sizes): Viewport {
  const by = fitScale(picture, screen) / fitScale(picture, before);
  return within({ scale: viewport.scale * by, x: viewport.x * by, y: viewport.y * by }, { picture, screen });
}

export function isFitted({ scale }: Viewport, { picture, screen }: Sizes): boolean {
  return scale <= fitScale(picture, screen) * 1.001;
}

/** The picture's pixel under a point of the screen. */
export function pixelAt({ scale, x, y }: Viewport, at: Point, picture: Size): Point | undefined {
  const found = { x: Math.floor((at.x - x) / scale), y: Math.floor((at.y - y) / scale) };
  const inside = found.x >= 0 && found.y >= 0 && found.x < picture.width && found.y < picture.height;
  return inside ? found : undefined;
}

/** No side of a picture that is larger than the screen leaves a strip empty; a smaller one stays in the middle. */
function within({ scale, x, y }: Viewport, { picture, screen }: Sizes): Viewport {
  const along = (at: number, size: number, room: number): number =>
    size <= room ? (room - size) / 2 : Math.min(0, Math.max(room - size, at));
  return {
    scale,
    x: along(x, picture.width * scale, screen.width),
    y: along(y, picture.height * scale, screen.height),
  };
}
