/**
 * Every shipped code list, by name. The data lies in `shared-schema/code-lists/*.json`, one entry a
 * line, each entry marked `verified` or `unverified`; the compiler holds this table complete.
 */
import bacLuong from '../../code-lists/bac-luong.json' with { type: 'json' };
import chucDanhKhoaHoc from '../../code-lists/chuc-danh-khoa-hoc.json' with { type: 'json' };
import chucVuDang from '../../code-lists/chuc-vu-dang.json' with { type: 'json' };
import chucVu from '../../code-lists/chuc-vu.json' with { type: 'json' };
import coQuan from '../../code-lists/co-quan.json' with { type: 'json' };
import danToc from '../../code-lists/dan-toc.json' with { type: 'json' };
import danhHieuThiDua from '../../code-lists/danh-hieu-thi-dua.json' with { type: 'json' };
import danhHieu from '../../code-lists/danh-hieu.json' with { type: 'json' };
import doiTuongChinhSach from '../../code-lists/doi-tuong-chinh-sach.json' with { type: 'json' };
import dvhc from '../../code-lists/dvhc.json' with { type: 'json' };
import giaoDucPhoThong from '../../code-lists/giao-duc-pho-thong.json' with { type: 'json' };
import gioiTinh from '../../code-lists/gioi-tinh.json' with { type: 'json' };
import hinhThucDaoTao from '../../code-lists/hinh-thuc-dao-tao.json' with { type: 'json' };
import hinhThucHuong from '../../code-lists/hinh-thuc-huong.json' with { type: 'json' };
import hinhThucKhenThuong from '../../code-lists/hinh-thuc-khen-thuong.json' with { type: 'json' };
import hinhThucKyLuat from '../../code-lists/hinh-thuc-ky-luat.json' with { type: 'json' };
import hocVi from '../../code-lists/hoc-vi.json' with { type: 'json' };
import ketQuaDanhGia from '../../code-lists/ket-qua-danh-gia.json' with { type: 'json' };
import loaiBienChe from '../../code-lists/loai-bien-che.json' with { type: 'json' };
import loaiDonVi from '../../code-lists/loai-don-vi.json' with { type: 'json' };
import loaiHoSo from '../../code-lists/loai-ho-so.json' with { type: 'json' };
import loaiPhuCap from '../../code-lists/loai-phu-cap.json' with { type: 'json' };
import lyLuanChinhTri from '../../code-lists/ly-luan-chinh-tri.json' with { type: 'json' };
import ngach from '../../code-lists/ngach.json' with { type: 'json' };
import ngayLamBu from '../../code-lists/ngay-lam-bu.json' with { type: 'json' };
import ngayNghi from '../../code-lists/ngay-nghi.json' with { type: 'json' };
import ngoaiNgu from '../../code-lists/ngoai-ngu.json' with { type: 'json' };
import nhomMau from '../../code-lists/nhom-mau.json' with { type: 'json' };
import nhomViTri from '../../code-lists/nhom-vi-tri.json' with { type: 'json' };
import qpan from '../../code-lists/qpan.json' with { type: 'json' };
import quanHam from '../../code-lists/quan-ham.json' with { type: 'json' };
import quanHeGiaDinh from '../../code-lists/quan-he-gia-dinh.json' with { type: 'json' };
import quanLyNhaNuoc from '../../code-lists/quan-ly-nha-nuoc.json' with { type: 'json' };
import sucKhoe from '../../code-lists/suc-khoe.json' with { type: 'json' };
import thanhPhanXuatThan from '../../code-lists/thanh-phan-xuat-than.json' with { type: 'json' };
import tonGiao from '../../code-lists/ton-giao.json' with { type: 'json' };
import trangThaiHoSo from '../../code-lists/trang-thai-ho-so.json' with { type: 'json' };
import trinhDoDaoTao from '../../code-lists/trinh-do-dao-tao.json' with { type: 'json' };
import trinhDoNgoaiNgu from '../../code-lists/trinh-do-ngoai-ngu.json' with { type: 'json' };
import trinhDoTinHoc from '../../code-lists/trinh-do-tin-hoc.json' with { type: 'json' };
import xepLoaiTn from '../../code-lists/xep-loai-tn.json' with { type: 'json' };
import type { CodeListName } from '../catalogue/code-list-names.ts';
import type { CodeList } from './code-list.ts';

export const codeLists: Readonly<Record<CodeListName, CodeList>> = {
  BAC_LUONG: bacLuong,
  CHUC_DANH_KHOA_HOC: chucDanhKhoaHoc,
  CHUC_VU_DANG: chucVuDang,
  CHUC_VU: chucVu,
  CO_QUAN: coQuan,
  DAN_TOC: danToc,
  DANH_HIEU_THI_DUA: danhHieuThiDua,
  DANH_HIEU: danhHieu,
  DOI_TUONG_CHINH_SACH: doiTuongChinhSach,
  DVHC: dvhc,
  GIAO_DUC_PHO_THONG: giaoDucPhoThong,
  GIOI_TINH: gioiTinh,
  HINH_THUC_DAO_TAO: hinhThucDaoTao,
  HINH_THUC_HUONG: hinhThucHuong,
  HINH_THUC_KHEN_THUONG: hinhThucKhenThuong,
  HINH_THUC_KY_LUAT: hinhThucKyLuat,
  HOC_VI: hocVi,
  KET_QUA_DANH_GIA: ketQuaDanhGia,
  LOAI_BIEN_CHE: loaiBienChe,
  LOAI_DON_VI: loaiDonVi,
  LOAI_HO_SO: loaiHoSo,
  LOAI_PHU_CAP: loaiPhuCap,
  LY_LUAN_CHINH_TRI: lyLuanChinhTri,
  NGACH: ngach,
  NGAY_LAM_BU: ngayLamBu,
  NGAY_NGHI: ngayNghi,
  NGOAI_NGU: ngoaiNgu,
  NHOM_MAU: nhomMau,
  NHOM_VI_TRI: nhomViTri,
  QPAN: qpan,
  QUAN_HAM: quanHam,
  QUAN_HE_GIA_DINH: quanHeGiaDinh,
  QUAN_LY_NHA_NUOC: quanLyNhaNuoc,
  SUC_KHOE: sucKhoe,
  THANH_PHAN_XUAT_THAN: thanhPhanXuatThan,
  TON_GIAO: tonGiao,
  TRANG_THAI_HO_SO: trangThaiHoSo,
  TRINH_DO_DAO_TAO: trinhDoDaoTao,
  TRINH_DO_NGOAI_NGU: trinhDoNgoaiNgu,
  TRINH_DO_TIN_HOC: trinhDoTinHoc,
  XEP_LOAI_TN: xepLoaiTn,
};
