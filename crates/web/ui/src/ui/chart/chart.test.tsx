import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { Chart } from './chart';

it('says the same in a table as in the picture', async () => {
  render(
    <Chart
      title="Requests"
      kind="bars"
      series={[
        { name: 'Answered', tone: 'accent', values: [4, 0] },
        { name: 'Failed', tone: 'danger', values: [1, null] },
      ]}
      times={['10:00', '10:01']}
      format={value => `${value}/min`}
      nothing="none"
      asTable="As a table"
      time="Time"
    />,
  );
  const figure = screen.getByRole('figure', { name: 'Requests' });
  await userEvent.click(within(figure).getByText('As a table'));
  const rows = within(figure).getAllByRole('row');
  expect(rows.map(row => row.textContent)).toEqual([
    'TimeAnsweredFailed',
    '10:004/min1/min',
    '10:010/minnone',
  ]);
  // The picture is for the eyes only; one path for the lines of the grid, and one for each series.
  expect(figure.querySelectorAll('svg path')).toHaveLength(3);
});
