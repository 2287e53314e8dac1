// A convolution of a picture in the browser, as torch.nn.Conv2d computes it, with zeros around the picture.
// A picture is { channels, height, width, data }, channel by channel, each row by row.

// The part { weight: (out, in, side, side), bias } moves over the picture in steps of `stride`.
export function convolved({weight, bias}, picture, stride = 1) {
  const [channels, , side] = weight.shape;
  const padding = side >> 1;
  const along = (size) => Math.floor((size + 2 * padding - side) / stride) + 1;
  const [height, width] = [along(picture.height), along(picture.width)];
  const made = {channels, height, width, data: new Float32Array(channels * height * width)};
  for (let out = 0; out < channels; out++) {
    made.data.fill(bias ? bias.data[out] : 0, out * height * width, (out + 1) * height * width);
    for (let from = 0; from < picture.channels; from++)
      for (let cell = 0; cell < side * side; cell++) {
        const value = weight.data[(out * picture.channels + from) * side * side + cell];
        const shift = [Math.floor(cell / side) - padding, (cell % side) - padding];
        addShifted(made, out, picture, from, value, shift, stride);
      }
  }
  return made;
}

// Adds one channel, moved by `shift` and times a number, to one channel of what is made.
function addShifted(made, out, picture, from, value, [down, right], stride) {
  const [first, last] = columnsInside(made.width, picture.width, right, stride);
  for (let row = 0; row < made.height; row++) {
    const over = row * stride + down;
    if (over < 0 || over >= picture.height) continue;
    const to = (out * made.height + row) * made.width;
    const at = (from * picture.height + over) * picture.width + right;
    for (let column = first; column < last; column++)
      made.data[to + column] += value * picture.data[at + column * stride];
  }
}

// The columns whose source lies inside the picture: from the first on, and before the last.
const columnsInside = (columns, width, right, stride) => [
  Math.max(Math.ceil(-right / stride), 0),
  Math.min(Math.floor((width - 1 - right) / stride) + 1, columns),
];

// What is negative becomes 0.
export const rectified = (picture) => ({
  ...picture,
  data: picture.data.map((value) => Math.max(value, 0)),
});

// A vector for each pixel, its channels; row by row.
export const pixelsOf = ({channels, height, width, data}) =>
  Array.from({length: height * width}, (_, pixel) =>
    Float32Array.from({length: channels}, (_, channel) => data[channel * height * width + pixel]),
  );
