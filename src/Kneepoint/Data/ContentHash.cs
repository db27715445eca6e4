using System.Buffers.Binary;
using System.Security.Cryptography;
using Kneepoint.Data.Formats;

namespace Kneepoint.Data;

/// <summary>The SHA-256 of every raw sample of both parts, targets included, in order.</summary>
/// <remarks>Each field is preceded by its length, so that samples cannot be confused with their neighbours; the size of blocks does not matter.</remarks>
sealed class ContentHash : IDisposable
{
    readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Takes samples of a part that has <paramref name="fieldCount"/> fields; the parts in a fixed order.</summary>
    public void Add(DataPart part, SampleBlock block, int fieldCount)
    {
        Span<byte> head = stackalloc byte[sizeof(int)];
        for (int sample = 0; sample < block.Count; sample++)
        {
            _hash.AppendData([(byte)part]);
            for (int field = 0; field < fieldCount; field++)
            {
                var bytes = block.Field(field, sample);
                BinaryPrimitives.WriteInt32LittleEndian(head, bytes.Length);
                _hash.AppendData(head);
                _hash.AppendData(bytes);
            }
        }
    }

    /// <summary>The hash of what was taken.</summary>
    public byte[] Result() => _hash.GetHashAndReset();

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
