using System.Buffers.Binary;
using Kneepoint.Coding.Packing;

namespace Kneepoint.Tests.Coding;

/// <summary>A packed file taken apart, to be put together again with the right checksums around whatever was changed.</summary>
sealed class PackedFile
{
    public required ulong ModelBytes { get; set; }

    public required ulong GraphBytes { get; set; }

    public required uint Checksum { get; set; }

    public required List<byte[]> Sections { get; init; }

    public static PackedFile Of(byte[] packed)
    {
        var bytes = new PackedBytes(new MemoryStream(packed));
        bytes.Take(4);
        ulong model = bytes.TakeNumber(), graph = bytes.TakeNumber();
        uint checksum = bytes.TakeWord();
        bytes.TakeWord();
        var sections = new List<byte[]>();
        while (bytes.Position < packed.Length)
        {
            sections.Add(bytes.Take((long)bytes.TakeNumber()));
            bytes.TakeWord();
        }

        return new PackedFile { ModelBytes = model, GraphBytes = graph, Checksum = checksum, Sections = sections };
    }

    public byte[] ToBytes()
    {
        using var file = new MemoryStream();
        new PackedHeader((long)ModelBytes, (long)GraphBytes, Checksum).Write(file);
        Span<byte> word = stackalloc byte[sizeof(uint)];
        foreach (byte[] section in Sections)
        {
            using var part = new MemoryStream();
            PackedBytes.WriteNumber(part, (ulong)section.Length);
            part.Write(section);
            file.Write(part.ToArray());
            BinaryPrimitives.WriteUInt32LittleEndian(word, PackedBytes.Checksum(part.ToArray()));
            file.Write(word);
        }

        return file.ToArray();
    }
}
