import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { NetworkError } from '../../api/problem';
import { inOneLine } from '../../api/problem-places';
import { answerSignIn } from '../session/recovery';
import { uploadFile } from './upload-file';

/** As much of an XMLHttpRequest as an upload needs; the test decides how each one ends. */
class FakeRequest extends EventTarget {
  static sent: FakeRequest[] = [];
  upload = new EventTarget();
  status = 0;
  responseText = '';
  open = vi.fn();
  getResponseHeader = () => null;
  send() {
    FakeRequest.sent.push(this);
  }
  progress(loaded: number, total: number) {
    this.upload.dispatchEvent(
      new ProgressEvent('progress', { lengthComputable: true, loaded, total }),
    );
  }
  end(status: number, body: unknown) {
    this.status = status;
    this.responseText = JSON.stringify(body);
    this.dispatchEvent(new Event('load'));
  }
}

beforeEach(() => {
  FakeRequest.sent = [];
  vi.stubGlobal('XMLHttpRequest', FakeRequest);
});
afterEach(() => answerSignIn(false));

const file = new File(['x'], 'pole.png');

it('tells how far it is, and gives back the file of the library', async () => {
  const onProgress = vi.fn();
  const upload = uploadFile(file, { onProgress });
  FakeRequest.sent[0]?.progress(1, 4);
  FakeRequest.sent[0]?.end(201, { id: 'm1' });
  expect(await upload).toEqual({ id: 'm1' });
  expect(onProgress).toHaveBeenCalledWith(0.25);
});

it('says in words why a file was refused', async () => {
  const upload = uploadFile(file);
  FakeRequest.sent[0]?.end(413, {
    code: 'upload-too-large',
    detail: 'Files may have at most 50 MB.',
  });
  const error = await upload.catch((reason: unknown) => reason);
  expect(inOneLine(error)).toBe('The file is too large. Files may have at most 50 MB.');
});

it('tells a line that was cut', async () => {
  const upload = uploadFile(file);
  FakeRequest.sent[0]?.dispatchEvent(new Event('error'));
  await expect(upload).rejects.toBeInstanceOf(NetworkError);
});

it('sends the file again after signing in', async () => {
  const upload = uploadFile(file);
  FakeRequest.sent[0]?.end(401, { code: 'not-signed-in' });
  await vi.waitFor(() => {
    answerSignIn(true);
    expect(FakeRequest.sent).toHaveLength(2);
  });
  FakeRequest.sent[1]?.end(200, { id: 'm1' });
  expect(await upload).toEqual({ id: 'm1' });
});
