/*
 * The few signs that the public pages need, drawn here so that visitors do not download the icon library of the admin
 * area. Same grid and stroke as that library.
 */
type Props = { className?: string };

function Icon({ path, className }: Props & { path: string }) {
  return (
    <svg
      className={className}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={path} />
    </svg>
  );
}

export const SearchIcon = (props: Props) => (
  <Icon {...props} path="m21 21-4.3-4.3M19 11a8 8 0 1 1-16 0 8 8 0 0 1 16 0Z" />
);

export const MenuIcon = (props: Props) => <Icon {...props} path="M4 6h16M4 12h16M4 18h16" />;

const SystemIcon = (props: Props) => (
  <Icon
    {...props}
    path="M4 4h16a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1ZM8 21h8m-4-4v4"
  />
);

const LightIcon = (props: Props) => (
  <Icon
    {...props}
    path="M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0ZM12 2v2m0 16v2M5 5l1.4 1.4m11.2 11.2L19 19M2 12h2m16 0h2M6.4 17.6 5 19M19 5l-1.4 1.4"
  />
);

const DarkIcon = (props: Props) => (
  <Icon {...props} path="M21 13A9 9 0 1 1 11 3a7 7 0 0 0 10 10Z" />
);

export const THEME_ICONS = { system: SystemIcon, light: LightIcon, dark: DarkIcon };
