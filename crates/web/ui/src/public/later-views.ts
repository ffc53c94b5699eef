export { ConfirmView } from './confirm-view';
export { FormView } from './form-view';
export { PreviewView } from './preview-view';
