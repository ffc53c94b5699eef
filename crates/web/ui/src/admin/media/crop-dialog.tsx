import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { type PercentCrop, ReactCrop } from 'react-image-crop';
import 'react-image-crop/dist/ReactCrop.css';
import { answer } from '../../api/client';
import type { Media, MediaWithUses } from '../../api/types';
import { counted, fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { Choice } from '../../ui/choice';
import { Dialog } from '../../ui/dialog';
import { ErrorNotice, Notice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { forgetMedia } from '../queries';
import { adminApi } from '../session/recovery';
import { useWords } from '../words/words';
import {
  type Area,
  areaAround,
  cutOut,
  focalPointIn,
  RATIOS,
  type Ratio,
  wholePixels,
} from './crop';
import { useReplacement } from './replace-content';
import { sendFile } from './send-file';

type Props = {
  media: MediaWithUses;
  /** A new file came of it. */
  onMade: (id: string) => void;
  onClose: () => void;
};

/** Cuts a part out of a picture: as a new one, or in its place wherever it is shown. */
export function CropDialog({ media, onMade, onClose }: Props) {
  const said = useWords().library;
  const queries = useQueryClient();
  const replaceWith = useReplacement();
  const image = useRef<HTMLImageElement>(null);
  const [loaded, setLoaded] = useState<'waiting' | 'here' | 'broken'>('waiting');
  const [ratio, setRatio] = useState<Ratio>('free');
  const size = { width: media.width ?? 1, height: media.height ?? 1 };
  const [area, setArea] = useState<Area>({ x: 0, y: 0, ...size });
  const cut = wholePixels(area, size);
  const isWhole = cut.width === size.width && cut.height === size.height;

  const save = useMutation({
    mutationFn: async (as: 'new' | 'replacement') => {
      if (!image.current) return;
      const file = await cutOut(image.current, cut, media);
      const focal_point = focalPointIn(cut, media.focal_point, size);
      if (as === 'replacement') {
        await replaceWith(media, { file, focal_point });
        onClose();
        return;
      }
      const { media: made, duplicate } = await sendFile(file).sent;
      if (!duplicate) await describe(made, { alt: media.alt, tags: media.tags, focal_point });
      forgetMedia(queries);
      say(fill(said.crop_made, { name: made.name }));
      onMade(made.id);
      onClose();
    },
  });

  const choose = (next: Ratio) => {
    setRatio(next);
    const value = RATIOS[next];
    setArea(value ? areaAround(media.focal_point, value, size) : { x: 0, y: 0, ...size });
  };
  const { pages } = media;
  return (
    <Dialog
      isOpen
      wide
      title={fill(said.crop_title, { name: media.name })}
      onClose={onClose}
      actions={
        <>
          <p role="status" className="mr-auto self-center text-sm tabular-nums">
            {fill(said.crop_size, { width: cut.width, height: cut.height })}
          </p>
          <Button
            isDisabled={loaded !== 'here' || isWhole || save.isPending}
            onPress={() => save.mutate('replacement')}
          >
            {pages === 0 ? said.crop_replace : counted(said.crop_replace_pages, pages)}
          </Button>
          <Button
            tone="primary"
            isDisabled={loaded !== 'here' || isWhole || save.isPending}
            onPress={() => save.mutate('new')}
          >
            {save.isPending ? said.crop_saving : said.crop_save}
          </Button>
        </>
      }
    >
      <Choice
        label={said.crop_ratio}
        value={ratio}
        onChange={choose}
        options={(Object.keys(RATIOS) as Ratio[]).map(value => ({
          value,
          label: value === 'free' ? said.crop_free : value,
        }))}
        className="mt-3 mb-3 flex-wrap"
      />
      <div className="grid place-items-center overflow-hidden rounded-xl bg-sunken p-4">
        {loaded === 'broken' && <Notice title={said.crop_broken} />}
        <ReactCrop
          crop={percentOf(area, size)}
          {...(RATIOS[ratio] && { aspect: RATIOS[ratio] })}
          keepSelection
          ruleOfThirds
          minWidth={8}
          minHeight={8}
          ariaLabels={said.crop_handles}
          onChange={(_, percent) => setArea(areaOf(percent, size))}
        >
          <img
            ref={image}
            src={media.url}
            width={size.width}
            height={size.height}
            alt={media.alt}
            onLoad={() => setLoaded('here')}
            onError={() => setLoaded('broken')}
            className="block max-h-[52vh]! w-auto object-contain"
          />
        </ReactCrop>
      </div>
      <p className="mt-2 text-sm text-ink-faint">{said.crop_hint}</p>
      {save.isError && (
        <div className="mt-3">
          <ErrorNotice error={save.error} />
        </div>
      )}
    </Dialog>
  );
}

type Size = { width: number; height: number };

const percentOf = ({ x, y, width, height }: Area, size: Size): PercentCrop => ({
  unit: '%',
  x: (x / size.width) * 100,
  y: (y / size.height) * 100,
  width: (width / size.width) * 100,
  height: (height / size.height) * 100,
});

const areaOf = ({ x, y, width, height }: PercentCrop, size: Size): Area => ({
  x: (x / 100) * size.width,
  y: (y / 100) * size.height,
  width: (width / 100) * size.width,
  height: (height / 100) * size.height,
});

/** What is cut out of a picture shows what the picture showed. */
async function describe(made: Media, about: Pick<Media, 'alt' | 'tags' | 'focal_point'>) {
  const params = { path: { id: made.id }, header: { 'If-Match': `"${made.revision}"` } };
  const body = { name: made.name, ...about };
  await answer(adminApi.PUT('/api/v1/admin/media/{id}', { params, body }));
}
