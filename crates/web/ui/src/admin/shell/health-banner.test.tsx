import { screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { fakeApi, problem } from '../../test/fake-api';
import { renderAt } from '../../test/render-at';
import { HealthBanner } from './health-banner';

const FEATURES = 'GET /health/features';
const pages = { id: 'pages', title: 'Read pages', availability: 'available' };

it('says nothing while all is well', async () => {
  const server = fakeApi({ [FEATURES]: () => ({ body: { features: [pages] } }) });
  renderAt('/admin', <HealthBanner />);
  await waitFor(() => expect(server.made(FEATURES)).toHaveLength(1));
  expect(screen.getByRole('status')).toBeEmptyDOMElement();
});

it('names what is not possible, and what is left of the rest', async () => {
  const features = [
    pages,
    { id: 'media-upload', title: 'Bring files', availability: 'unavailable' },
    { id: 'mail', title: 'Mail', availability: 'degraded', still_works: ['it is sent later'] },
  ];
  fakeApi({ [FEATURES]: () => ({ body: { features } }) });
  renderAt('/admin', <HealthBanner />);
  expect(await screen.findByText('Bring files: not possible')).toBeVisible();
  expect(screen.getByText('Mail: partly (it is sent later)')).toBeVisible();
  expect(screen.queryByText(/Read pages/)).not.toBeInTheDocument();
});

it('leaves alone who works where the server does not tell', async () => {
  const server = fakeApi({ [FEATURES]: () => problem(503, 'busy') });
  renderAt('/admin', <HealthBanner />);
  await waitFor(() => expect(server.made(FEATURES)).toHaveLength(1));
  expect(screen.getByRole('status')).toBeEmptyDOMElement();
});
