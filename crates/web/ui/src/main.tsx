import { startSite } from './public/start';
import './styles/index.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

// Visitors never download the admin area.
if (/^\/admin(\/|$)/.test(location.pathname)) {
  void import('./admin/start').then(({ startAdmin }) => startAdmin(root));
} else {
  void startSite(root);
}
