import { type ProjectReflection, type Reflection, ReflectionKind } from 'typedoc';

/**
 * Resolves the remaining `{@link name}` of doc comments to the only export of any package with that name. TypeDoc finds
 * names that the declarations of the comment import, and those of its own module.
 */
export function linkByName(project: ProjectReflection): void {
  const exported = new Map<string, Reflection[]>();
  for (const reflection of project.getReflectionsByKind(
    ReflectionKind.SomeModule | ReflectionKind.SomeExport,
  )) {
    if (reflection.isReference()) continue;
    exported.set(reflection.name, [...(exported.get(reflection.name) ?? []), reflection]);
  }
  for (const { comment } of Object.values(project.reflections)) {
    for (const part of [
      comment?.summary,
      ...(comment?.blockTags ?? []).map(({ content }) => content),
    ].flat()) {
      if (part?.kind !== 'inline-tag' || part.tag !== '@link' || part.target !== undefined) continue;
      const [name = '', ...members] = part.text.trim().split('.');
      const [target, other] = exported.get(name) ?? [];
      if (target === undefined || other !== undefined) continue;
      const found = members.length === 0 ? target : target.getChildByName(members);
      if (found !== undefined) part.target = found;
    }
  }
}
