import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components';
import { type ButtonSize, type ButtonTone, buttonClass } from './button-class';

type ButtonProps = Omit<AriaButtonProps, 'className' | 'style'> & {
  tone?: ButtonTone;
  size?: ButtonSize;
  className?: string;
};

export function Button({ tone, size, className, ...props }: ButtonProps) {
  return <AriaButton {...props} className={buttonClass(tone, size, className)} />;
}
