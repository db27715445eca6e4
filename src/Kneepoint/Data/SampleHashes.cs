using System.Buffers.Binary;
using System.Security.Cryptography;
using Kneepoint.Data.Formats;

namespace Kneepoint.Data;

/// <summary>Finds samples of equal content in both parts.</summary>
/// <remarks>
/// A sample's hash is the first 128 bits of SHA-256 over the raw bytes of the fields that feed the network, without its target. Only the hashes of
/// the calibration part are kept: 16 bytes a sample.
/// </remarks>
sealed class SampleHashes(IReadOnlyList<int> calibrateFields, IReadOnlyList<int> evaluateFields)
{
    readonly HashSet<UInt128> _calibrate = [];

    /// <summary>Evaluation samples whose content is in the calibration part.</summary>
    public long SharedCount { get; private set; }

    /// <summary>Takes samples of a part; the calibration part first.</summary>
    public void Add(DataPart part, SampleBlock block)
    {
        var fields = part == DataPart.Calibrate ? calibrateFields : evaluateFields;
        if (fields.Count == 0) return;
        for (int sample = 0; sample < block.Count; sample++)
        {
            var hash = Hash(block, sample, fields);
            if (part == DataPart.Calibrate) _calibrate.Add(hash);
            else if (_calibrate.Contains(hash)) SharedCount++;
        }
    }

    static UInt128 Hash(SampleBlock block, int sample, IReadOnlyList<int> fields)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        if (fields is [var only])
        {
            SHA256.HashData(block.Field(only, sample), digest);
            return BinaryPrimitives.ReadUInt128LittleEndian(digest);
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (int field in fields) hash.AppendData(block.Field(field, sample));
        hash.GetHashAndReset(digest);
        return BinaryPrimitives.ReadUInt128LittleEndian(digest);
    }
}
