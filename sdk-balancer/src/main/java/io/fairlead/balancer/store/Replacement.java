// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * Puts new content in a file's place in one step, so that a reader finds the old or the new, whoever else writes. The content
 * belongs to the moment of {@link #begin}, which becomes the file's time. When another process has begun later and was done
 * sooner, its content stays: one that stood still in the middle does not bring back what was. Only between the last look and
 * the rename, for microseconds, it still could. Not thread-safe.
 */
final class Replacement {
    static final String TEMPORARY = ".new";

    private final Path target;
    private final Path temporary;
    private final FileTime began;
    private final @Nullable Seen before;

    /** What tells one content of the file from another. */
    private record Seen(@Nullable Object key, FileTime time, long size) {}

    private Replacement(Path target, Path temporary) throws IOException {
        this.target = target;
        this.temporary = temporary;
        // By the clock of the file system, which all who write there share.
        this.began = Files.getLastModifiedTime(temporary);
        this.before = look(target);
    }

    /** Begins with an empty file beside the target, readable by its owner only. Makes the folder. */
    static Replacement begin(Path folder, String name) throws IOException {
        Files.createDirectories(folder);
        Path temporary = Files.createTempFile(folder, name + ".", TEMPORARY, ownerOnly(folder));
        return new Replacement(folder.resolve(name), temporary);
    }

    FileTime began() {
        return began;
    }

    /** Writes the content and puts it in place; false when what another process began later is there. */
    boolean commit(byte[] content) throws IOException {
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.setLastModifiedTime(temporary, began);
            Seen now = look(target);
            // Only what came meanwhile is compared: a clock that was set back keeps no old file for ever.
            if (now != null && !now.equals(before) && now.time.compareTo(began) > 0) {
                return false;
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return true;
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static @Nullable Seen look(Path file) throws IOException {
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            return new Seen(found.fileKey(), found.lastModifiedTime(), found.size());
        } catch (NoSuchFileException none) {
            return null;
        }
    }

    private static FileAttribute<?>[] ownerOnly(Path folder) {
        boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}
