/** Declared properties: the TypeScript types of what a catalog lets a call pass. There is no code here. */
import type { Catalog, ItemDeclaration, ValueDeclaration } from "./catalog.ts";

type Expand<Type> = { [Key in keyof Type]: Type[Key] };

type ItemOf<Item> = Item extends { readonly type: "enum"; readonly values: readonly (infer Value)[] } ? Value : string;

type ValueOf<Declaration> = Declaration extends ValueDeclaration
  ? Declaration extends { readonly type: "boolean" }
    ? boolean
    : Declaration extends { readonly type: "integer" | "number" }
      ? number
      : Declaration extends { readonly type: "list"; readonly items: infer Item extends ItemDeclaration }
        ? readonly ItemOf<Item>[]
        : ItemOf<Declaration>
  : never;

type RequiredIn<Declared> = { [Name in keyof Declared]: Declared[Name] extends { readonly required: true } ? Name : never }[keyof Declared];

/** What is passed for these declarations; undefined stands for leaving the property out. */
type ValuesOf<Declared> = Expand<
  { readonly [Name in Exclude<keyof Declared, RequiredIn<Declared>>]?: ValueOf<Declared[Name]> | undefined } & {
    readonly [Name in RequiredIn<Declared>]: ValueOf<Declared[Name]>;
  }
>;

/** What stands under `properties`; nothing where it is left out. */
type PropertiesIn<Section> = Section extends { readonly properties: infer Declared } ? Declared : unknown;

/** Names that `track` takes. */
export type EventName<C extends Catalog> = keyof C["events"] & string;

/** Properties that any event may carry. */
export type CommonProperties<C extends Catalog> = ValuesOf<PropertiesIn<C["common"]>>;

/** Properties of one event, those of any event included. */
export type EventProperties<C extends Catalog, Name extends EventName<C>> = ValuesOf<PropertiesIn<C["common"]> & PropertiesIn<C["events"][Name]>>;

type ByPath<C extends Catalog> = C["commands"] extends { readonly byPath: infer Paths } ? Paths : unknown;

/** Properties of one command's event, those of any event included. */
export type CommandProperties<C extends Catalog, Path extends string> = ValuesOf<
  PropertiesIn<C["common"]> & PropertiesIn<C["commands"]> & (Path extends keyof ByPath<C> ? PropertiesIn<ByPath<C>[Path]> : unknown)
>;

/** The arguments after an event's name: left out freely where nothing is required. */
export type PropertyArguments<Values> = Partial<Values> extends Values ? [properties?: Values] : [properties: Values];
