import type { ReactNode } from 'react';
import {
  Menu as AriaMenu,
  MenuItem as AriaMenuItem,
  type MenuItemProps,
  type MenuProps,
  MenuTrigger,
  Popover,
  type PopoverProps,
} from 'react-aria-components';

type Props = {
  trigger: ReactNode;
  label: string;
  placement?: PopoverProps['placement'];
  children: ReactNode;
} & Pick<MenuProps<object>, 'onAction' | 'selectionMode' | 'selectedKeys'>;

export function Menu({ trigger, label, placement = 'bottom end', children, ...menu }: Props) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover
        placement={placement}
        className="min-w-52 animate-appear rounded-xl border border-line bg-surface p-1.5 shadow-float"
      >
        <AriaMenu aria-label={label} className="outline-none" {...menu}>
          {children}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}

type ItemProps = Omit<MenuItemProps, 'className' | 'style' | 'children'> & {
  icon: ReactNode;
  children: string;
  danger?: boolean;
};

export function MenuItem({ icon, children, danger, ...props }: ItemProps) {
  return (
    <AriaMenuItem
      {...props}
      textValue={children}
      className={
        'flex cursor-pointer items-center gap-3 rounded-lg px-3 py-2 text-[0.9375rem] outline-none data-focused:bg-sunken ' +
        `[&_svg]:size-[1.1em] ${danger ? 'text-danger' : ''}`
      }
    >
      {icon}
      {children}
    </AriaMenuItem>
  );
}
