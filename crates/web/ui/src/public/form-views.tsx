import { useParams } from 'react-router';
import { ConfirmView } from './confirm-view';
import { FormView } from './form-view';

/** A form, or the view behind the link that confirms its address: one file, since few visitors want either. */
export default function FormViews() {
  const { slug } = useParams();
  return slug ? <FormView slug={slug} /> : <ConfirmView />;
}
