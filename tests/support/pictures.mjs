// Pictures as a phone sends them: a JPEG with Exif (a place, a device, a turn), a profile, a note and a film behind its end; a PDF.
// The bare JPEG (64 by 48 points) was written by libjpeg-turbo; what a camera adds is written here after CIPA DC-008.
const JPEG = Buffer.from(['/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT0',
  '9PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAAwAEADASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUF',
  'BAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmq',
  'KjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAEC',
  'AxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqK',
  'mqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwBaKKK+VPigooooA5iiiivVP3QKKKKAOnorz+ivoP8AVD/p9/5L/wDbH5D/AGZ/e/D/AIJ6',
  'BRXn9FH+qH/T7/yX/wC2D+zP734f8E2aKxqK6v8AVn/p7/5L/wAE+5/1h/6d/j/wDZorGoo/1Z/6e/8Akv8AwQ/1h/6d/j/wAooor6o+bCiiigAooooAKKKKAP/Z'].join(''), 'base64');
export const PLACE = '39 44 20.5 N 104 59 25.1 W', DEVICE = 'Lantern Phone 7';

const segment = (marker, content) => {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
};
const exif = (orientation) => segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0', 'latin1'),
  Buffer.from([orientation, 0, 0, 0, 0, 0, 0]), Buffer.from(`${DEVICE}\0${PLACE}`)]));

export const jpeg = () => JPEG;
export const phoneJpeg = (orientation = 6) => Buffer.concat([JPEG.subarray(0, 20), exif(orientation), segment(0xe2, Buffer.from(`ICC_PROFILE\0\x01\x01${DEVICE}`)),
  segment(0xfe, Buffer.from(`taken at ${PLACE}`)), JPEG.subarray(20), Buffer.from(`ftypmp42 a film of ${PLACE}`)]);
// A large one: its size is in a note, as with a photo of a phone it is in the picture.
export const largeJpeg = (bytes) => {
  const notes = [];
  for (let left = bytes - JPEG.length; left > 0; left -= 65000) notes.push(segment(0xfe, Buffer.alloc(Math.max(Math.min(left, 65000) - 4, 0), 'x')));
  return Buffer.concat([JPEG.subarray(0, 20), ...notes, JPEG.subarray(20)]);
};
export const pdf = (words = 'Approved for seven days') => Buffer.from(`%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n% ${words}\ntrailer << /Root 1 0 R >>\n%%EOF\n`);
// What of a camera's words is in these bytes; [] is as it should be.
export const cameraWords = (bytes) => [PLACE, DEVICE, 'ICC_PROFILE', 'ftypmp42'].filter((words) => Buffer.from(bytes).includes(words));

// Send a form with files as a browser does: what stands in the form of `action` on the visitor's page, `fields`, and `files` {name: bytes}.
export function upload(visitor, action, files, fields = {}) {
  const forms = visitor.page.forms.filter((one) => one.action === action && 'form_key' in one.fields);
  const form = forms.find((one) => Object.entries(fields).every(([name, value]) => one.fields[name] === value)) ?? forms[0];
  const own = { ...form.fields, ...fields };
  const pieces = Object.entries(own).filter(([name]) => !(name in files))
    .map(([name, value]) => Buffer.from(`--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`));
  for (const [name, bytes] of Object.entries(files))
    pieces.push(Buffer.from(`--b\r\nContent-Disposition: form-data; name="${name}"; filename="IMG_0001.JPG"\r\nContent-Type: image/jpeg\r\n\r\n`), bytes, Buffer.from('\r\n'));
  const body = Buffer.concat([...pieces, Buffer.from('--b--\r\n')]);
  return visitor.request(action, { method: 'POST', body, headers: { 'content-type': 'multipart/form-data; boundary=b' } });
}
