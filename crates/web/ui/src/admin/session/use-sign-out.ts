import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { inOneLine } from '../../api/problem-places';
import { fill } from '../../i18n/language';
import { say } from '../../ui/toast';
import { words } from '../words/words';
import { signOut } from './account';

/** Ends the session, and goes to the door. */
export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return async () => {
    try {
      await signOut(queries);
      navigate('/admin/login');
    } catch (error) {
      say(fill(words().palette.not_signed_out, { why: inOneLine(error) }), 'danger');
    }
  };
}
