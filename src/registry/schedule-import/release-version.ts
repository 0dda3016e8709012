/**
 * The version that the files of a release name: "Release Notes 4.64.docx" gives 4.64, and "-508", which CDC puts
 * behind the names of accessible editions, is part of it when every antigen's file has it: 4.64-508.
 */
export function releaseVersion(fileNames: readonly string[]): string | undefined {
  const found = new Set(
    fileNames.flatMap((name) => /release notes\D*?([0-9]+\.[0-9]+)/i.exec(name)?.[1] ?? []),
  );
  const [version] = found;
  if (version === undefined || found.size > 1) return undefined;
  const antigenFiles = fileNames.filter((name) => /^AntigenSupportingData.*\.xml$/i.test(name));
  const accessible = antigenFiles.length > 0 && antigenFiles.every((name) => /-508\.xml$/i.test(name));
  return accessible ? `${version}-508` : version;
}
